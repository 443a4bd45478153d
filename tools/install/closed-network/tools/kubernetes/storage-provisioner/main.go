// Program storage-provisioner makes the volumes of minikube's storage class "standard": it stands in for the image
// gcr.io/k8s-minikube/storage-provisioner, which minikube's addon of that name runs.
package main

import (
	"context"
	"os/signal"
	"syscall"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

const (
	name = "k8s.io/minikube-hostpath"
	// Also the path on the node, which is what the addon mounts.
	folder = "/tmp/hostpath-provisioner"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := serve(ctx); err != nil {
		klog.FromContext(ctx).Error(err, "stopped")
		klog.FlushAndExit(klog.ExitFlushTimeout, 1)
	}
}

func serve(ctx context.Context) error {
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	// There is one node with one of these, and its service account may not write leases.
	alone := controller.LeaderElection(false)
	controller.NewProvisionController(ctx, client, name, provisioner{folder}, alone).Run(ctx)
	return nil
}
