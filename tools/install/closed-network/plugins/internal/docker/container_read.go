package docker

import (
	"context"
	"math/big"
	"sort"
	"strconv"
	"strings"

	"course/plugins/internal/standin"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"
	"github.com/docker/go-connections/nat"
)

// Read brings the state up to date with Docker. The environment, the labels, the volumes and the networks asked for
// are not read: Docker mixes them with the image's. A container that stopped although it must run gets mustRun =
// false, which the next update puts right by starting it.
func (c *containers) Read(ctx context.Context, _ standin.Call, id string, state standin.Values) (string, error) {
	info, err := c.engine.ContainerInspect(ctx, id)
	if client.IsErrNotFound(err) || (err == nil && info.ID != id) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	readNetworks(info, state)
	if !info.State.Running {
		state.Set("exitCode", info.State.ExitCode)
		if state.Bool("mustRun") {
			state.Set("mustRun", false)
		}
	}
	state.Set("name", strings.TrimLeft(info.Name, "/"))
	// An image given by its id stays an id, one given by its name a name.
	if strings.HasPrefix(state.Str("image"), "sha256:") {
		state.Set("image", info.Image)
	} else {
		state.Set("image", info.Config.Image)
	}
	state.Set("platform", info.Platform)
	readConfig(info.Config, state)
	readHostConfig(info.HostConfig, state)
	return id, nil
}

func readNetworks(info container.InspectResponse, state standin.Values) {
	if info.NetworkSettings == nil {
		return
	}
	state.Set("bridge", info.NetworkSettings.Bridge)
	if (info.State.Running || state.Bool("mustRun")) && state.Has("ports") {
		state.Set("ports", publishedPorts(info.NetworkSettings.Ports))
	}
	var data []map[string]any
	for name, n := range info.NetworkSettings.Networks {
		data = append(data, map[string]any{
			"networkName": name, "ipAddress": n.IPAddress, "ipPrefixLength": n.IPPrefixLen, "gateway": n.Gateway,
			"globalIpv6Address": n.GlobalIPv6Address, "globalIpv6PrefixLength": n.GlobalIPv6PrefixLen,
			"ipv6Gateway": n.IPv6Gateway, "macAddress": n.MacAddress,
		})
	}
	sort.Slice(data, func(i, j int) bool { return data[i]["networkName"].(string) < data[j]["networkName"].(string) })
	state.Set("networkDatas", data)
}

func publishedPorts(ports nat.PortMap) []map[string]any {
	inside := make([]nat.Port, 0, len(ports))
	for port := range ports {
		inside = append(inside, port)
	}
	sort.Slice(inside, func(i, j int) bool {
		if inside[i].Int() != inside[j].Int() {
			return inside[i].Int() < inside[j].Int()
		}
		return inside[i] < inside[j]
	})
	var out []map[string]any
	for _, port := range inside {
		for _, binding := range ports[port] {
			external, _ := strconv.Atoi(binding.HostPort)
			out = append(out, map[string]any{
				"internal": port.Int(), "external": external, "ip": binding.HostIP, "protocol": port.Proto(),
			})
		}
	}
	return out
}

func readConfig(config *container.Config, state standin.Values) {
	state.Set("hostname", config.Hostname)
	state.Set("domainname", config.Domainname)
	state.Set("command", []string(config.Cmd))
	state.Set("entrypoints", []string(config.Entrypoint))
	state.Set("user", config.User)
	state.Set("workingDir", config.WorkingDir)
	state.Set("tty", config.Tty)
	state.Set("stdinOpen", config.OpenStdin)
	state.Set("stopSignal", config.StopSignal)
	state.Set("stopTimeout", 0)
	if config.StopTimeout != nil {
		state.Set("stopTimeout", *config.StopTimeout)
	}
	if check := config.Healthcheck; check != nil {
		state.Set("healthcheck", map[string]any{
			"tests": check.Test, "retries": check.Retries, "interval": check.Interval.String(),
			"timeout": check.Timeout.String(), "startPeriod": check.StartPeriod.String(),
			"startInterval": check.StartInterval.String(),
		})
	}
}

func readHostConfig(host *container.HostConfig, state standin.Values) {
	state.Set("rm", host.AutoRemove)
	state.Set("readOnly", host.ReadonlyRootfs)
	state.Set("dns", host.DNS)
	state.Set("dnsOpts", host.DNSOptions)
	state.Set("dnsSearches", host.DNSSearch)
	state.Set("securityOpts", host.SecurityOpt)
	state.Set("publishAllPorts", host.PublishAllPorts)
	state.Set("restart", string(host.RestartPolicy.Name))
	state.Set("maxRetryCount", host.RestartPolicy.MaximumRetryCount)
	state.Set("init", host.Init != nil && *host.Init)
	if len(host.CapAdd)+len(host.CapDrop) > 0 {
		state.Set("capabilities", map[string]any{"adds": []string(host.CapAdd), "drops": []string(host.CapDrop)})
	}
	state.Set("runtime", host.Runtime)
	state.Set("mounts", mountObjects(host))
	state.Set("tmpfs", host.Tmpfs)
	var hosts []map[string]any
	for _, entry := range host.ExtraHosts {
		name, ip, _ := strings.Cut(entry, ":")
		hosts = append(hosts, map[string]any{"host": name, "ip": ip})
	}
	state.Set("hosts", hosts)
	if state.Has("ulimits") {
		var limits []map[string]any
		for _, limit := range host.Ulimits {
			limits = append(limits, map[string]any{"name": limit.Name, "soft": limit.Soft, "hard": limit.Hard})
		}
		state.Set("ulimits", limits)
	}
	state.Set("privileged", host.Privileged)
	readLimits(host, state)
	state.Set("logDriver", host.LogConfig.Type)
	if state.Has("logOpts") {
		state.Set("logOpts", host.LogConfig.Config)
	}
	state.Set("storageOpts", host.StorageOpt)
	state.Set("networkMode", string(host.NetworkMode))
	if state.Has("pidMode") {
		state.Set("pidMode", string(host.PidMode))
	}
	state.Set("usernsMode", string(host.UsernsMode))
	state.Set("sysctls", host.Sysctls)
	state.Set("ipcMode", string(host.IpcMode))
	state.Set("groupAdds", host.GroupAdd)
}

func readLimits(host *container.HostConfig, state standin.Values) {
	inMebibytes := func(bytes int64) int64 {
		if bytes > 0 {
			return bytes >> 20
		}
		return bytes
	}
	state.Set("memory", inMebibytes(host.Memory))
	state.Set("memoryReservation", inMebibytes(host.MemoryReservation))
	state.Set("memorySwap", inMebibytes(host.MemorySwap))
	state.Set("shmSize", inMebibytes(host.ShmSize))
	if host.NanoCPUs > 0 {
		state.Set("cpus", cpuShare(host.NanoCPUs))
	}
	state.Set("cpuShares", host.CPUShares)
	state.Set("cpuSet", host.CpusetCpus)
}

// cpuShare writes nano-processors the way the original reads them back: always with a decimal point, so that "1"
// comes back as "1.0".
func cpuShare(nano int64) string {
	text := strings.TrimRight(new(big.Rat).SetFrac64(nano, 1e9).FloatString(9), "0")
	if strings.HasSuffix(text, ".") {
		text += "0"
	}
	return text
}

func mountObjects(host *container.HostConfig) []map[string]any {
	var out []map[string]any
	for _, m := range host.Mounts {
		object := map[string]any{
			"target": m.Target, "source": m.Source, "type": string(m.Type), "readOnly": m.ReadOnly,
		}
		if m.BindOptions != nil {
			object["bindOptions"] = map[string]any{"propagation": string(m.BindOptions.Propagation)}
		}
		if m.VolumeOptions != nil {
			options := map[string]any{"noCopy": m.VolumeOptions.NoCopy, "labels": labelObjects(m.VolumeOptions.Labels)}
			if driver := m.VolumeOptions.DriverConfig; driver != nil {
				options["driverName"], options["driverOptions"] = driver.Name, driver.Options
			}
			object["volumeOptions"] = options
		}
		if m.TmpfsOptions != nil {
			object["tmpfsOptions"] = map[string]any{
				"sizeBytes": m.TmpfsOptions.SizeBytes, "mode": int(m.TmpfsOptions.Mode),
			}
		}
		out = append(out, object)
	}
	return out
}
