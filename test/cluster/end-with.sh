#!/bin/bash
# end-with.sh PID: ends the cluster NAME after this process.
while [ -d "/proc/$1" ]; do sleep 1; done
# In a session of its own: down.sh ends this one.
setsid "$(dirname "$0")/down.sh" &
