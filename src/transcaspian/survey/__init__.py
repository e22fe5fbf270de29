"""The survey: from what drivers, trackers and messages said to hours that can be trusted."""
