"""The plan as a whole (一揽子项目): the shortest list of projects that closes every gap that can be closed."""
