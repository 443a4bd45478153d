package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"
)

// networkPolicies is the controller of sigs.k8s.io/kube-network-policies. Its own command finds the cluster only from inside
// a pod; this one reads a kubeconfig, so that it runs beside the kubelet and needs no image.
func networkPolicies() *cobra.Command {
	var kubeconfig string
	command := &cobra.Command{
		Use:          "kube-network-policies",
		Short:        "Decides which connections of pods the cluster's NetworkPolicies allow",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(command *cobra.Command, _ []string) error {
			return enforce(command.Context(), kubeconfig)
		},
	}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "file with the cluster's address and a user who may list its pods")
	return command
}

func enforce(ctx context.Context, kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	// What is refused while the cluster starts is asked for again after half a minute at worst; this is there a second later.
	err = wait.PollUntilContextCancel(ctx, time.Second, true, func(ctx context.Context) (bool, error) {
		_, refused := client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return refused == nil, nil
	})
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	core := factory.Core().V1()
	controller, err := networkpolicy.NewController(
		client, factory.Networking().V1().NetworkPolicies(), core.Namespaces(), core.Pods(),
		nil, nil, nil, nil, // Nodes and the policies of administrators, of which this cluster has none.
		// A node whose controller is not up yet can be reached, or it could not come up.
		networkpolicy.Config{FailOpen: true},
	)
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	return controller.Run(ctx)
}
