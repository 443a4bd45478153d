package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

// provisioner makes volumes of folders below one of the node's.
type provisioner struct{ folder string }

// Provision makes the folder of a claim, NAMESPACE/NAME: someone who looks for a claim's files finds them.
func (p provisioner) Provision(
	_ context.Context, options controller.ProvisionOptions,
) (*core.PersistentVolume, controller.ProvisioningState, error) {
	claim := options.PVC
	if mode := claim.Spec.VolumeMode; mode != nil && *mode == core.PersistentVolumeBlock {
		return nil, controller.ProvisioningFinished, errors.New("a folder cannot be a volume of mode Block")
	}
	path := filepath.Join(p.folder, claim.Namespace, claim.Name)
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	// Containers run as any user, and a folder of the node is given to none: the umask must not decide.
	if err := os.Chmod(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	reclaim := core.PersistentVolumeReclaimDelete
	if policy := options.StorageClass.ReclaimPolicy; policy != nil {
		reclaim = *policy
	}
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: options.PVName},
		Spec: core.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: reclaim,
			AccessModes:                   claim.Spec.AccessModes,
			Capacity:                      core.ResourceList{core.ResourceStorage: claim.Spec.Resources.Requests[core.ResourceStorage]},
			PersistentVolumeSource:        core.PersistentVolumeSource{HostPath: &core.HostPathVolumeSource{Path: path}},
		},
	}, controller.ProvisioningFinished, nil
}

// Delete removes what Provision made.
func (p provisioner) Delete(_ context.Context, volume *core.PersistentVolume) error {
	source := volume.Spec.HostPath
	if source == nil {
		return fmt.Errorf("%s is no folder of a node", volume.Name)
	}
	// The path is read from the cluster, and whoever may write volumes there may not remove the node's files.
	relative, err := filepath.Rel(p.folder, source.Path)
	if err != nil || relative == "." || !filepath.IsLocal(relative) {
		return fmt.Errorf("%s is not a folder below %s", source.Path, p.folder)
	}
	return os.RemoveAll(source.Path)
}
