#!/bin/sh
# No package may start its service while it is installed in a container.
exit 101
