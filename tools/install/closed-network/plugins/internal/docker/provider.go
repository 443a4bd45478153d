// Package docker stands in for the docker provider: containers, images, networks and volumes of a real Docker Engine,
// with the tokens and the behaviour of the original.
//
// See https://www.pulumi.com/registry/packages/docker/
package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"course/plugins/internal/standin"

	"github.com/docker/docker/api/types/registry"
	"github.com/docker/docker/client"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Version is the version of the original this plugin stands in for.
const Version = "5.2.0"

// Engine is the connection to Docker, shared by all resources. Configure fills it in.
type Engine struct {
	*client.Client
	// auths are the credentials by registry host.
	auths map[string]registry.AuthConfig
}

// New is the whole provider.
func New(host *standin.Host) pulumirpc.ResourceProviderServer {
	engine := &Engine{}
	const local = "it talks to the Docker Engine of this machine only"
	return &standin.Server{
		Name: "docker", Version: Version, Host: host, LogErrors: true,
		Resources: []standin.Resource{
			&containers{engine}, &networks{engine}, &volumes{engine}, &remoteImages{engine},
		},
		Natives: map[string]standin.Native{imageToken: &images{engine: engine, host: host}},
		ConfigFields: []*standin.Field{
			{Name: "host"},
			{Name: "registryAuth"},
			{Name: "disableDockerDaemonCheck", Kind: standin.Bool, Refused: "Configure always asks the daemon"},
			{Name: "context", Refused: "set host instead"},
			{Name: "sshOpts", Refused: local},
			{Name: "caMaterial", Refused: local},
			{Name: "certMaterial", Refused: local},
			{Name: "keyMaterial", Refused: local},
			{Name: "certPath", Refused: local},
		},
		OnConfigure: engine.configure,
	}
}

// configure connects to the host that is set, else to DOCKER_HOST, else to the usual sockets, and like the original
// fails at once when nobody answers.
//
// See https://www.pulumi.com/registry/packages/docker/installation-configuration/
func (e *Engine) configure(ctx context.Context, config standin.Values) error {
	auths, err := registryAuths(config.Str("registryAuth"))
	if err != nil {
		return err
	}
	e.auths = auths
	for _, host := range candidates(config.Str("host")) {
		if strings.HasPrefix(host, "ssh://") {
			return fmt.Errorf("the host %q is not supported by the stand-in plugin: it has no ssh connections", host)
		}
		connection, err := client.NewClientWithOpts(client.FromEnv, client.WithHost(host), client.WithAPIVersionNegotiation())
		if err != nil {
			return fmt.Errorf("connecting to Docker at %q: %w", host, err)
		}
		if _, err := connection.Ping(ctx); err == nil {
			e.Client = connection
			return nil
		}
	}
	return fmt.Errorf("failed to connect to any docker daemon")
}

func candidates(host string) []string {
	if host == "" {
		host = os.Getenv("DOCKER_HOST")
	}
	if host != "" {
		return []string{host}
	}
	out := []string{client.DefaultDockerHost}
	if home, err := os.UserHomeDir(); err == nil && runtime.GOOS != "windows" {
		for _, socket := range []string{".docker/run/docker.sock", ".docker/desktop/docker.sock"} {
			out = append(out, "unix://"+filepath.Join(home, socket))
		}
	}
	return out
}

func registryAuths(text string) (map[string]registry.AuthConfig, error) {
	auths := map[string]registry.AuthConfig{}
	if text == "" || text == "null" {
		return auths, nil
	}
	var entries []map[string]any
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		return nil, fmt.Errorf("the provider setting registryAuth is not a list of objects")
	}
	for _, entry := range entries {
		auth := registry.AuthConfig{}
		for key, value := range entry {
			text, _ := value.(string)
			switch key {
			case "address":
				auth.ServerAddress = text
			case "username":
				auth.Username = text
			case "password":
				auth.Password = text
			default:
				return nil, fmt.Errorf("the provider setting registryAuth.%s is not supported by the stand-in plugin: "+
					"give address, username and password", key)
			}
		}
		if auth.ServerAddress == "" || auth.Username == "" || auth.Password == "" {
			return nil, fmt.Errorf("the provider setting registryAuth needs address, username and password")
		}
		auths[registryHost(auth.ServerAddress)] = auth
	}
	return auths, nil
}

// registryHost strips the scheme and the path of a registry's address.
func registryHost(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		rest = address
	}
	host, _, _ := strings.Cut(rest, "/")
	return host
}

// mentions compares error texts as upstream does, without regard to case.
func mentions(err error, texts ...string) bool {
	for _, text := range texts {
		if strings.Contains(strings.ToLower(err.Error()), strings.ToLower(text)) {
			return true
		}
	}
	return false
}
