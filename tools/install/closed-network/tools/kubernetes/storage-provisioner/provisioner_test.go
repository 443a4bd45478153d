package main

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

func options() controller.ProvisionOptions {
	retain := core.PersistentVolumeReclaimRetain
	return controller.ProvisionOptions{
		PVName:       "pvc-1",
		StorageClass: &storage.StorageClass{ReclaimPolicy: &retain},
		PVC: &core.PersistentVolumeClaim{
			ObjectMeta: meta.ObjectMeta{Namespace: "shop", Name: "data"},
			Spec: core.PersistentVolumeClaimSpec{
				AccessModes: []core.PersistentVolumeAccessMode{core.ReadWriteOnce},
				Resources: core.VolumeResourceRequirements{
					Requests: core.ResourceList{core.ResourceStorage: resource.MustParse("2Gi")},
				},
			},
		},
	}
}

func TestVolumeIsAFolderThatEveryoneMayWrite(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077))
	p := provisioner{t.TempDir()}
	volume, state, err := p.Provision(context.Background(), options())
	if err != nil || state != controller.ProvisioningFinished {
		t.Fatal(state, err)
	}
	path := filepath.Join(p.folder, "shop", "data")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o777 {
		t.Fatal(info, err)
	}
	spec := volume.Spec
	if volume.Name != "pvc-1" || spec.HostPath.Path != path || spec.AccessModes[0] != core.ReadWriteOnce ||
		spec.Capacity.Storage().String() != "2Gi" || spec.PersistentVolumeReclaimPolicy != core.PersistentVolumeReclaimRetain {
		t.Errorf("%+v", volume)
	}

	if err := os.WriteFile(filepath.Join(path, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Delete(context.Background(), volume); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error("left behind:", path, err)
	}
}

func TestOnlyFoldersOfItsOwnAreRemoved(t *testing.T) {
	p := provisioner{filepath.Join(t.TempDir(), "volumes")}
	other := t.TempDir()
	for _, path := range []string{other, p.folder, filepath.Join(p.folder, "..", "x"), "/", ""} {
		volume := &core.PersistentVolume{Spec: core.PersistentVolumeSpec{
			PersistentVolumeSource: core.PersistentVolumeSource{HostPath: &core.HostPathVolumeSource{Path: path}},
		}}
		if err := p.Delete(context.Background(), volume); err == nil {
			t.Errorf("%q was removed", path)
		}
	}
	if err := p.Delete(context.Background(), &core.PersistentVolume{}); err == nil {
		t.Error("a volume without a folder was removed")
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

func TestBlockVolumesAreRefused(t *testing.T) {
	block := core.PersistentVolumeBlock
	asked := options()
	asked.PVC.Spec.VolumeMode = &block
	if _, _, err := (provisioner{t.TempDir()}).Provision(context.Background(), asked); err == nil {
		t.Error("made")
	}
}
