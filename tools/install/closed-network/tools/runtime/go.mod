module course-labs/closed-network/tools/runtime

go 1.25.8

require github.com/moby/sys/capability v0.5.0
