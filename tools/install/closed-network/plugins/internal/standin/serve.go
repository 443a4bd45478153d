package standin

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// maxMessage is the size of the largest gRPC message, the engine's own limit.
const maxMessage = 400 << 20

// Host is the engine that started this plugin: it shows what the plugin logs. A nil Host is silent.
type Host struct {
	client pulumirpc.EngineClient
}

// Log shows a line under the resource and keeps it in the summary of the update.
func (h *Host) Log(ctx context.Context, severity pulumirpc.LogSeverity, urn resource.URN, text string) {
	h.send(ctx, severity, urn, text, false)
}

// Status shows a line beside the resource while it is being worked on.
func (h *Host) Status(ctx context.Context, urn resource.URN, text string) {
	h.send(ctx, pulumirpc.LogSeverity_INFO, urn, text, true)
}

func (h *Host) send(ctx context.Context, severity pulumirpc.LogSeverity, urn resource.URN, text string, ephemeral bool) {
	if h == nil {
		return
	}
	// A lost log line is no reason to fail an operation.
	_, _ = h.client.Log(ctx, &pulumirpc.LogRequest{
		Severity: severity, Message: text, Urn: string(urn), Ephemeral: ephemeral,
	})
}

// Main runs a provider plugin the way the engine expects it: the engine's address is the only argument, the port
// goes to standard output, and the process ends with the engine.
//
// See https://www.pulumi.com/docs/iac/guides/building-extending/providers/implementers/
func Main(create func(*Host) pulumirpc.ResourceProviderServer) {
	flags := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	flags.Bool("logtostderr", false, "accepted for the engine's sake")
	flags.Int("v", 0, "accepted for the engine's sake")
	flags.String("tracing", "", "accepted for the engine's sake")
	_ = flags.Parse(os.Args[1:]) // ExitOnError
	go endWithParent(os.Getppid())
	if err := serve(flags.Arg(0), create); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(engine string, create func(*Host) pulumirpc.ResourceProviderServer) error {
	if engine == "" {
		return fmt.Errorf("this program is a Pulumi plugin: the Pulumi engine starts it")
	}
	connection, err := grpc.NewClient(engine, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("connecting to the engine at %s: %w", engine, err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("opening a port for the engine: %w", err)
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage))
	pulumirpc.RegisterResourceProviderServer(server, create(&Host{client: pulumirpc.NewEngineClient(connection)}))
	fmt.Printf("%d\n", listener.Addr().(*net.TCPAddr).Port)
	return server.Serve(listener)
}

// endWithParent stops the process when the engine is gone, so that an orphan never works on what the next run owns.
func endWithParent(parent int) {
	for os.Getppid() == parent {
		time.Sleep(200 * time.Millisecond)
	}
	os.Exit(1)
}
