package docker

import (
	"errors"
	"fmt"
	"math/big"
	"os"
	"strconv"
	"strings"
	"time"

	"course/plugins/internal/standin"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/go-connections/nat"
	"github.com/docker/go-units"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// containerRequest is what the Docker API wants to know to create a container.
//
// See https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
type containerRequest struct {
	config   *container.Config
	host     *container.HostConfig
	platform *ocispec.Platform
}

func newContainerRequest(in standin.Values) (*containerRequest, error) {
	r := &containerRequest{config: &container.Config{
		Image:      in.Str("image"),
		Hostname:   in.Str("hostname"),
		Domainname: in.Str("domainname"),
		Tty:        in.Bool("tty"),
		OpenStdin:  in.Bool("stdinOpen"),
		StopSignal: in.Str("stopSignal"),
		User:       in.Str("user"),
		WorkingDir: in.Str("workingDir"),
		Env:        in.Strs("envs"),
		Cmd:        in.Strs("command"),
		Entrypoint: in.Strs("entrypoints"),
		Labels:     labelMap(in.Objs("labels")),
	}}
	for _, word := range r.config.Cmd {
		if word == "" {
			return nil, errors.New("values for command may not be empty")
		}
	}
	if in.Has("stopTimeout") {
		seconds := in.Int("stopTimeout")
		r.config.StopTimeout = &seconds
	}
	if in.Has("healthcheck") {
		r.config.Healthcheck = healthcheck(in.Obj("healthcheck"))
	}
	if in.Has("platform") {
		platform, err := parsePlatform(in.Str("platform"))
		if err != nil {
			return nil, err
		}
		r.platform = platform
	}
	r.host = hostConfig(in)
	r.ports(in.Objs("ports"))
	if err := r.volumes(in.Objs("volumes")); err != nil {
		return nil, fmt.Errorf("Unable to parse volumes: %w", err)
	}
	if err := cpus(in, r.host); err != nil {
		return nil, err
	}
	return r, nil
}

func hostConfig(in standin.Values) *container.HostConfig {
	initProcess := in.Bool("init")
	host := &container.HostConfig{
		Privileged:      in.Bool("privileged"),
		PublishAllPorts: in.Bool("publishAllPorts"),
		RestartPolicy:   restartPolicy(in),
		Runtime:         in.Str("runtime"),
		AutoRemove:      in.Bool("rm"),
		ReadonlyRootfs:  in.Bool("readOnly"),
		Tmpfs:           in.StrMap("tmpfs"),
		Mounts:          mounts(in.Objs("mounts")),
		LogConfig:       container.LogConfig{Type: in.Str("logDriver"), Config: in.StrMap("logOpts")},
		NetworkMode:     container.NetworkMode(in.Str("networkMode")),
		UsernsMode:      container.UsernsMode(in.Str("usernsMode")),
		PidMode:         container.PidMode(in.Str("pidMode")),
		IpcMode:         container.IpcMode(in.Str("ipcMode")),
		CgroupnsMode:    container.CgroupnsMode(in.Str("cgroupnsMode")),
		Sysctls:         in.StrMap("sysctls"),
		StorageOpt:      in.StrMap("storageOpts"),
		GroupAdd:        in.Strs("groupAdds"),
		DNS:             in.Strs("dns"),
		DNSOptions:      in.Strs("dnsOpts"),
		DNSSearch:       in.Strs("dnsSearches"),
		CapAdd:          in.Obj("capabilities").Strs("adds"),
		CapDrop:         in.Obj("capabilities").Strs("drops"),
		ShmSize:         mebibytes(in.Int("shmSize")),
		Init:            &initProcess,
		Resources: container.Resources{
			Memory:            mebibytes(in.Int("memory")),
			MemoryReservation: mebibytes(in.Int("memoryReservation")),
			MemorySwap:        mebibytes(in.Int("memorySwap")),
			CPUShares:         int64(in.Int("cpuShares")),
			CpusetCpus:        in.Str("cpuSet"),
			CgroupParent:      in.Str("cgroupParent"),
		},
	}
	for _, opt := range in.Strs("securityOpts") {
		if opt == "systempaths=unconfined" {
			// The client acts on this one; the daemon does not know it.
			host.MaskedPaths, host.ReadonlyPaths = []string{}, []string{}
			continue
		}
		host.SecurityOpt = append(host.SecurityOpt, opt)
	}
	for _, entry := range in.Objs("hosts") {
		host.ExtraHosts = append(host.ExtraHosts, entry.Str("host")+":"+entry.Str("ip"))
	}
	for _, limit := range in.Objs("ulimits") {
		host.Ulimits = append(host.Ulimits, &units.Ulimit{
			Name: limit.Str("name"), Soft: int64(limit.Int("soft")), Hard: int64(limit.Int("hard")),
		})
	}
	for _, device := range in.Objs("devices") {
		mapping := container.DeviceMapping{
			PathOnHost: device.Str("hostPath"), PathInContainer: device.Str("containerPath"),
			CgroupPermissions: device.Str("permissions"),
		}
		if mapping.PathInContainer == "" {
			mapping.PathInContainer = mapping.PathOnHost
		}
		host.Devices = append(host.Devices, mapping)
	}
	return host
}

func restartPolicy(in standin.Values) container.RestartPolicy {
	return container.RestartPolicy{
		Name: container.RestartPolicyMode(in.Str("restart")), MaximumRetryCount: in.Int("maxRetryCount"),
	}
}

func healthcheck(in standin.Values) *container.HealthConfig {
	// The durations were validated with the inputs.
	parse := func(name string) time.Duration {
		d, _ := time.ParseDuration(in.Str(name))
		return d
	}
	return &container.HealthConfig{
		Test: in.Strs("tests"), Retries: in.Int("retries"), Interval: parse("interval"), Timeout: parse("timeout"),
		StartPeriod: parse("startPeriod"), StartInterval: parse("startInterval"),
	}
}

func (r *containerRequest) ports(ports []standin.Values) {
	for _, port := range ports {
		if r.config.ExposedPorts == nil {
			r.config.ExposedPorts, r.host.PortBindings = nat.PortSet{}, nat.PortMap{}
		}
		inside := nat.Port(strconv.Itoa(port.Int("internal")) + "/" + port.Str("protocol"))
		r.config.ExposedPorts[inside] = struct{}{}
		r.host.PortBindings[inside] = append(r.host.PortBindings[inside], nat.PortBinding{
			HostIP: port.Str("ip"), HostPort: strconv.Itoa(port.Int("external")),
		})
	}
}

func (r *containerRequest) volumes(volumes []standin.Values) error {
	for _, v := range volumes {
		source, target, from := v.Str("hostPath"), v.Str("containerPath"), v.Str("fromContainer")
		if source == "" {
			source = v.Str("volumeName")
		}
		switch {
		case from == "" && target == "":
			return errors.New("volume entry without container path or source container")
		case from != "" && target != "":
			return errors.New("both a container and a path specified in a volume entry")
		case from != "":
			r.host.VolumesFrom = append(r.host.VolumesFrom, from)
			continue
		}
		if r.config.Volumes == nil {
			r.config.Volumes = map[string]struct{}{}
		}
		r.config.Volumes[target] = struct{}{}
		if source == "" {
			continue
		}
		mode := "rw"
		if v.Bool("readOnly") {
			mode = "ro"
		}
		if relabel := v.Str("selinuxRelabel"); relabel != "" {
			mode += "," + relabel
		}
		r.host.Binds = append(r.host.Binds, source+":"+target+":"+mode)
	}
	return nil
}

func mounts(values []standin.Values) []mount.Mount {
	out := []mount.Mount{}
	for _, v := range values {
		m := mount.Mount{
			Type: mount.Type(v.Str("type")), Source: v.Str("source"), Target: v.Str("target"), ReadOnly: v.Bool("readOnly"),
		}
		switch m.Type {
		case mount.TypeBind:
			if o := v.Obj("bindOptions"); o.PropertyMap != nil {
				m.BindOptions = &mount.BindOptions{Propagation: mount.Propagation(o.Str("propagation"))}
			}
		case mount.TypeVolume:
			if o := v.Obj("volumeOptions"); o.PropertyMap != nil {
				m.VolumeOptions = &mount.VolumeOptions{NoCopy: o.Bool("noCopy"), Labels: labelMap(o.Objs("labels"))}
				if o.Has("driverName") || o.Has("driverOptions") {
					m.VolumeOptions.DriverConfig = &mount.Driver{Name: o.Str("driverName"), Options: o.StrMap("driverOptions")}
				}
			}
		case mount.TypeTmpfs:
			if o := v.Obj("tmpfsOptions"); o.PropertyMap != nil {
				m.TmpfsOptions = &mount.TmpfsOptions{SizeBytes: int64(o.Int("sizeBytes")), Mode: os.FileMode(o.Int("mode"))}
			}
		}
		out = append(out, m)
	}
	return out
}

// cpus sets the share of processors: cpus wins over cpuPeriod and cpuQuota.
func cpus(in standin.Values, host *container.HostConfig) error {
	if !in.Has("cpus") {
		host.CPUPeriod, host.CPUQuota = int64(in.Int("cpuPeriod")), int64(in.Int("cpuQuota"))
		return nil
	}
	share, ok := new(big.Rat).SetString(in.Str("cpus"))
	if !ok {
		return fmt.Errorf("Error setting cpus: failed to parse %s as a rational number", in.Str("cpus"))
	}
	nano := share.Mul(share, big.NewRat(1e9, 1))
	if !nano.IsInt() {
		return fmt.Errorf("Error setting cpus: value is too precise")
	}
	host.NanoCPUs = nano.Num().Int64()
	return nil
}

// mebibytes is a size in bytes; zero (none) and minus one (no limit) stay what they are.
func mebibytes(n int) int64 {
	if n > 0 {
		return int64(n) << 20
	}
	return int64(n)
}

func parsePlatform(text string) (*ocispec.Platform, error) {
	parts := strings.Split(text, "/")
	if len(parts) > 3 || parts[0] == "" {
		return nil, fmt.Errorf("%q is not a platform of the form os[/arch[/variant]]", text)
	}
	platform := &ocispec.Platform{OS: parts[0]}
	if len(parts) > 1 {
		platform.Architecture = parts[1]
	}
	if len(parts) > 2 {
		platform.Variant = parts[2]
	}
	return platform, nil
}

func assignments(entries []string) map[string]string {
	out := map[string]string{}
	for _, entry := range entries {
		if name, value, ok := strings.Cut(entry, "="); ok {
			out[name] = value
		}
	}
	return out
}

func key(name string) resource.PropertyKey { return resource.PropertyKey(name) }
