"""Which measures to take together: sets of options under a budget, by what they are worth."""

from transcaspian.appraisal.package.confidence import Standing, allocate, assured, standing
from transcaspian.appraisal.package.moves import allows, closure, neighbours, required
from transcaspian.appraisal.package.problem import Evaluate, Option, Package, Problem, checked
from transcaspian.appraisal.package.regret import hedged, robust
from transcaspian.appraisal.package.search import Found, search
from transcaspian.appraisal.package.shares import interaction, pairs, shares, submodular
from transcaspian.appraisal.package.surrogate import Opinion, surrogate
from transcaspian.appraisal.package.timing import Worth, timing

__all__ = [
    "Evaluate",
    "Found",
    "Opinion",
    "Option",
    "Package",
    "Problem",
    "Standing",
    "Worth",
    "allocate",
    "allows",
    "assured",
    "checked",
    "closure",
    "hedged",
    "interaction",
    "neighbours",
    "pairs",
    "required",
    "robust",
    "search",
    "shares",
    "standing",
    "submodular",
    "surrogate",
    "timing",
]
