package docker

import (
	"course/plugins/internal/standin"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const (
	noAttach  = "it does not wait for the end of a container's command"
	noDevices = "device limits and requests are not passed on"
)

// containerSchema lists the properties of docker.Container.
//
// See https://www.pulumi.com/registry/packages/docker/api-docs/container/
var containerSchema = &standin.Schema{
	Token:               "docker:index/container:Container",
	DeleteBeforeReplace: true,
	Fields: []*standin.Field{
		boolean("attach", byDefault(false), refusedUnless(false, noAttach)),
		str("bridge", output),
		block("capabilities", []*standin.Field{
			stringSet("adds", upstream("add"), forceNew),
			stringSet("drops", upstream("drop"), forceNew),
		}, forceNew),
		str("cgroupParent", forceNew),
		str("cgroupnsMode", forceNew, matches(`^(private|host)$`)),
		stringList("command", forceNew, computed),
		str("containerLogs", output),
		integer("containerReadRefreshTimeoutMilliseconds", byDefault(15000)),
		integer("cpuPeriod", atLeast(0)),
		integer("cpuQuota", atLeast(0)),
		str("cpuSet", matches(`^\d+([,-]\d+)*$`)),
		integer("cpuShares", atLeast(0)),
		str("cpus", forceNew),
		integer("destroyGraceSeconds"),
		throttle("deviceReadBps"),
		throttle("deviceReadIops"),
		blockSet("deviceRequests", nil, forceNew, refused(noDevices)),
		throttle("deviceWriteBps"),
		throttle("deviceWriteIops"),
		blockSet("devices", []*standin.Field{
			str("containerPath", forceNew),
			str("hostPath", required, forceNew),
			str("permissions", byDefault("rwm"), forceNew),
		}, forceNew),
		stringSet("dns", forceNew),
		stringSet("dnsOpts", forceNew),
		stringSet("dnsSearches", upstream("dns_search"), forceNew),
		str("domainname", forceNew),
		stringList("entrypoints", upstream("entrypoint"), forceNew, computed),
		stringSet("envs", upstream("env"), forceNew, computed),
		integer("exitCode", output),
		str("gpus", forceNew, refused(noDevices)),
		stringSet("groupAdds", upstream("group_add"), forceNew),
		block("healthcheck", []*standin.Field{
			str("interval", byDefault("0s"), duration),
			integer("retries", byDefault(0), atLeast(0)),
			str("startInterval", byDefault("0s"), duration),
			str("startPeriod", byDefault("0s"), duration),
			stringList("tests", upstream("test")),
			str("timeout", byDefault("0s"), duration),
		}, computed),
		str("hostname", forceNew, computed),
		blockSet("hosts", []*standin.Field{
			str("host", required, forceNew),
			str("ip", required, forceNew),
		}, upstream("host"), forceNew),
		str("image", required, forceNew),
		boolean("init", computed),
		str("ipcMode", forceNew, computed),
		blockSet("labels", labelFields(), forceNew, computed),
		str("logDriver", forceNew, computed),
		stringMap("logOpts", forceNew),
		boolean("logs", byDefault(false), refusedUnless(false, noAttach)),
		integer("maxRetryCount"),
		integer("memory", atLeast(0)),
		integer("memoryReservation", byDefault(0), atLeast(0)),
		integer("memorySwap", atLeast(-1)),
		blockSet("mounts", mountFields(), forceNew),
		boolean("mustRun", byDefault(true)),
		str("name", required, forceNew, autoName),
		blockList("networkDatas", []*standin.Field{
			str("gateway"),
			str("globalIpv6Address"),
			integer("globalIpv6PrefixLength"),
			str("ipAddress"),
			integer("ipPrefixLength"),
			str("ipv6Gateway"),
			str("macAddress"),
			str("networkName"),
		}, upstream("network_data"), output),
		str("networkMode", byDefault("bridge"), forceNew),
		blockSet("networksAdvanced", []*standin.Field{
			stringSet("aliases", forceNew),
			stringSet("driverOpts", forceNew),
			integer("gwPriority", forceNew, atLeast(0)),
			str("ipv4Address", upstream("ipv4_address"), forceNew),
			str("ipv6Address", upstream("ipv6_address"), forceNew),
			stringSet("linkLocalIps", forceNew),
			str("macAddress", forceNew),
			str("name", required, forceNew),
		}, forceNew),
		str("pidMode", forceNew),
		str("platform", forceNew, computed),
		blockList("ports", []*standin.Field{
			integer("external", forceNew, computed),
			integer("internal", required, forceNew),
			str("ip", byDefault("0.0.0.0"), forceNew),
			str("protocol", byDefault("tcp"), forceNew),
		}, forceNew, samePorts),
		boolean("privileged", forceNew),
		boolean("publishAllPorts", forceNew),
		boolean("readOnly", byDefault(false), forceNew),
		boolean("removeVolumes", byDefault(true)),
		str("restart", byDefault("no"), matches(`^(no|on-failure|always|unless-stopped)$`)),
		boolean("rm", byDefault(false)),
		str("runtime", forceNew, computed),
		stringSet("securityOpts", forceNew, computed),
		integer("shmSize", forceNew, computed, atLeast(0)),
		boolean("start", byDefault(true)),
		boolean("stdinOpen", byDefault(false), forceNew),
		str("stopSignal", forceNew, computed),
		integer("stopTimeout", forceNew, computed),
		stringMap("storageOpts", forceNew),
		stringMap("sysctls", forceNew),
		stringMap("tmpfs"),
		boolean("tty", byDefault(false), forceNew),
		blockSet("ulimits", []*standin.Field{
			integer("hard", required, forceNew),
			str("name", required, forceNew),
			integer("soft", required, forceNew),
		}, upstream("ulimit"), forceNew),
		blockSet("uploads", []*standin.Field{
			str("content", forceNew),
			str("contentBase64", upstream("content_base64"), forceNew, isBase64),
			boolean("executable", byDefault(false), forceNew),
			str("file", required, forceNew),
			str("group", forceNew, refused("files are uploaded as root's")),
			str("owner", forceNew, refused("files are uploaded as root's")),
			str("permissions", forceNew, matches(`^0[0-7]{3}$`)),
			str("source", forceNew),
			str("sourceHash", forceNew),
		}, upstream("upload"), forceNew),
		str("user", forceNew, emptyKeeps),
		str("usernsMode", forceNew),
		blockSet("volumes", []*standin.Field{
			str("containerPath", forceNew),
			str("fromContainer", forceNew),
			str("hostPath", forceNew, absolutePath),
			boolean("readOnly", forceNew),
			str("selinuxRelabel", forceNew, matches(`^(z|Z)$`)),
			str("volumeName", forceNew),
		}, forceNew),
		boolean("wait", byDefault(false)),
		integer("waitTimeout", byDefault(60)),
		str("workingDir", forceNew, emptyKeeps),
	},
}

// samePorts makes the order of ports no matter: Docker lists them by number.
func samePorts(f *standin.Field) {
	f.Same = func(old, input resource.PropertyValue) bool {
		state := standin.Values{PropertyMap: resource.PropertyMap{"ports": old}}.Objs("ports")
		wanted := standin.Values{PropertyMap: resource.PropertyMap{"ports": input}}.Objs("ports")
		if input.ContainsUnknowns() || len(state) != len(wanted) {
			return false
		}
		for _, was := range state {
			found := false
			for _, is := range wanted {
				found = found || was.Int("internal") == is.Int("internal") && was.Str("protocol") == is.Str("protocol") &&
					was.Str("ip") == is.Str("ip") && (was.Int("external") == is.Int("external") || !is.Has("external"))
			}
			if !found {
				return false
			}
		}
		return true
	}
}

func throttle(name string) *standin.Field {
	return blockSet(name, nil, refused(noDevices))
}

func mountFields() []*standin.Field {
	return []*standin.Field{
		block("bindOptions", []*standin.Field{
			str("propagation", matches(`^(private|rprivate|shared|rshared|slave|rslave)$`)),
		}),
		boolean("readOnly"),
		str("source"),
		str("target", required),
		block("tmpfsOptions", []*standin.Field{integer("mode"), integer("sizeBytes")}),
		str("type", required, matches(`^(bind|volume|tmpfs)$`)),
		block("volumeOptions", []*standin.Field{
			str("driverName"),
			stringMap("driverOptions"),
			blockSet("labels", labelFields()),
			boolean("noCopy"),
			str("subpath", refused("Docker 20.10 has no volume subpaths")),
		}),
	}
}
