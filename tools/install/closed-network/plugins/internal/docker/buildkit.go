package docker

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"

	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/encoding/protowire"
)

// startSession opens the connection on which BuildKit asks its client for things. This client offers nothing but a
// sign of life: the context is sent with the build, and there are no credentials.
//
// See https://github.com/moby/buildkit/blob/master/docs/dev/request-lifecycle.md
func (e *Engine) startSession(ctx context.Context) (end func(), id string, err error) {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return nil, "", err
	}
	id = hex.EncodeToString(random)
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	headers := map[string][]string{
		"X-Docker-Expose-Session-Uuid":      {id},
		"X-Docker-Expose-Session-Sharedkey": {"pulumi"},
	}
	for service, info := range server.GetServiceInfo() {
		for _, method := range info.Methods {
			headers["X-Docker-Expose-Session-Grpc-Method"] = append(
				headers["X-Docker-Expose-Session-Grpc-Method"], fmt.Sprintf("/%s/%s", service, method.Name))
		}
	}
	connection, err := e.DialHijack(ctx, "/session", "h2c", headers)
	if err != nil {
		return nil, "", fmt.Errorf("opening a BuildKit session: %w", err)
	}
	go (&http2.Server{}).ServeConn(connection, &http2.ServeConnOpts{Handler: server})
	return func() {
		connection.Close()
		server.Stop()
	}, id, nil
}

// traceEvent is a step of a build that began or failed, or a piece of its output.
type traceEvent struct {
	digest, name, failure, output string
}

// decodeTrace reads the few fields of a BuildKit StatusResponse that matter here.
//
// See https://github.com/moby/buildkit/blob/master/api/services/control/control.proto
func decodeTrace(raw []byte) []traceEvent {
	var events []traceEvent
	eachField(raw, func(number protowire.Number, value []byte) {
		var e traceEvent
		switch number {
		case 1: // Vertex
			eachField(value, func(number protowire.Number, value []byte) {
				switch number {
				case 1:
					e.digest = string(value)
				case 3:
					e.name = string(value)
				case 7:
					e.failure = string(value)
				}
			})
		case 3: // VertexLog
			eachField(value, func(number protowire.Number, value []byte) {
				switch number {
				case 1:
					e.digest = string(value)
				case 4:
					e.output = string(value)
				}
			})
		default:
			return
		}
		events = append(events, e)
	})
	return events
}

// eachField walks over the length-delimited fields of a message and skips the others.
func eachField(raw []byte, visit func(protowire.Number, []byte)) {
	for len(raw) > 0 {
		number, kind, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return
		}
		raw = raw[n:]
		if kind == protowire.BytesType {
			value, n := protowire.ConsumeBytes(raw)
			if n < 0 {
				return
			}
			visit(number, value)
			raw = raw[n:]
			continue
		}
		if n = protowire.ConsumeFieldValue(number, kind, raw); n < 0 {
			return
		}
		raw = raw[n:]
	}
}
