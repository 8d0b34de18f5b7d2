"""The commented file that `crossings scenario new` writes."""

from __future__ import annotations

TEMPLATE = """\
# A scenario of crossings. Lines that begin with # are remarks or examples: take away the # to use
# an example. What is not written here is as in the scenario it extends.
#
#   crossings scenario check FILE    is everything in it right?
#   crossings scenario show FILE     what does it change, in words?
#   crossings run FILE               what does it do?

title = "My scenario"
description = "What is asked, and where the numbers come from."
extends = "baseline"          # a file beside this one, or a shipped scenario

# clear = ["operation"]       # forget all levers of these sections of the parent
# drop = ["serbian-operation-2023"]   # forget these levers of the parent, by name

# [run]
# start = 2023-01-01
# end = 2024-12-31
# warm_up_days = 180          # days before the start, to fill the corridor

# ---- Intelligence sharing -------------------------------------------------------------------
# level: none, low, medium, high, full, or a number from 0 (none) to 1 (full).
# between: two authorities or groups. Authorities are country codes (TR GR BG MK XK AL ME RS BA RO
# HU HR SI IT AT DE CH BE FR), UK-CI, UK-BI, UK-IN, EUROPOL and FRONTEX; groups are UK, EU, WB6,
# CALAIS and EPC. The same group twice means within the group. Later entries override earlier ones.
# Every lever may have from, to, ramp_days (from nothing to all of it) and a name; a raid has only
# the day it is on, boats and freight have no to.

[[sharing]]
name = "uk-serbia"
between = ["UK", "RS"]
level = "high"
from = 2023-07-01
ramp_days = 180
# to = 2024-06-30
# one_way = true              # only from the first to the second
# coverage = 0.5              # share of reports passed on
# delay_days = 10
# fidelity = 0.9              # chance to survive as information; 0.5 tells nothing
# third_party = false         # may the receiver pass it on?
# leak = 0.002                # chance that a shared report reaches the smuggler

# [sharing_default]           # all pairs that no [[sharing]] names
# level = "none"

# ---- Money and staff ------------------------------------------------------------------------

# [[funding]]
# authority = "UK"
# amount = { GBP = 75_000_000 }       # or { EUR = ... }
# per = "year"                        # or "once", all spent from the first to the last day
# spend_on = { investigation = 0.6, coast_patrol = 0.2, analysis = 0.2 }   # sums to 1
# beneficiary = "FR"                  # who gets it, if not the payer
# from = 2023-07-01

# [[staff]]
# authority = "FR"
# kind = "coast_patrol"       # border_patrol, checkpoint, coast_patrol, investigation, analysis
# change = 1.2                # or add = 5 (units)
# from = 2023-07-01

# ---- Operations and raids -------------------------------------------------------------------

# [[operation]]
# authority = "RS"
# kind = "patrol"             # patrol, arrests, boat_supply
# places = ["subotica"]       # or legs = ["subotica>szeged:foot"]
# strength = 3.0              # times the effort there (at least the usual presence on a leg)
# from = 2023-07-01
# to = 2023-12-31

# [[raid]]                    # arrests of one day, given and not worked out
# authority = "CALAIS"
# on = 2023-07-05
# arrests = 39                # persons, of cells of several
# share = 0.1                 # of what the stages carry, where it is known; else from the persons
# boats = 150                 # of those arrested, then of others who work there
# stages = ["boat", "supply"] # aegean, south, centre, exit, alpine, west, lorry, boat, supply
# places = ["dunkirk"]        # where those arrested work

# ---- Visas, returns, legal ways -------------------------------------------------------------

# [[visa]]
# authority = "RS"
# origins = ["turkey"]
# effect = 0.9                # share who stay away
# from = 2023-07-01

# [[returns]]
# partner = "vietnam"
# effect = 0.5                # share who no longer set out for the UK
# from = 2023-07-01

# [[legal_route]]
# origins = ["afghanistan", "syria"]
# people_per_year = 5000
# from = 2023-07-01

# ---- More people, smaller boats, less searched lorries --------------------------------------

# [[wave]]                    # on top of those usual
# origins = ["albania"]
# route = "air"
# people_per_year = 20000
# from = 2023-05-01
# to = 2023-09-30

# [[shock]]                   # a factor on all who set out, from a day on
# on = 2023-06-01
# size = 2.0                  # twice as many; 0 closes the routes
# route = ["balkan"]          # or "balkan"; all routes if left out
# origins = ["syria"]         # all if left out
# half_life_days = 120        # half of it is left after so many days; all of it if left out
# to = 2023-12-31

# [[boats]]                   # smaller boats at first, growing over the ramp
# size = 0.8                  # against today's
# from = 2023-01-01
# ramp_days = 180

# [[freight]]                 # lorries and ferries to the UK searched less at first
# search = 0.5                # effort against today's
# from = 2023-01-01
# ramp_days = 180

# ---- What smugglers can do in response (all true unless said otherwise) ---------------------

# [adaptation]
# route = false
# price = false
# load = false
# recruitment = false
# going_dark = false
# beliefs = false

# ---- What if fewer or more come, or an assumption is wrong? ---------------------------------

# [future]                    # the months after the data, if the run goes on so long
# path = "spread"             # every run draws its own; or "central", "low", "high"

# [entries]
# balkan = 0.8                # times the people entering: balkan, central_med, eastern_land,
#                             # iberia, air, resident

# [parameters]
# "policy.returns_effect" = 0.2
"""
