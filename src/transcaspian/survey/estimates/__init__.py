"""Hours with their uncertainty: stays, cells, quantiles, means, pools, totals."""
