"""A toy corridor to try methods of choice on: invented, and its best set is known."""

from transcaspian.appraisal.package.toy.corridor import toy_evaluate, toy_problem
from transcaspian.appraisal.package.toy.truth import Truth, toy_sets, toy_truth

__all__ = ["Truth", "toy_evaluate", "toy_problem", "toy_sets", "toy_truth"]
