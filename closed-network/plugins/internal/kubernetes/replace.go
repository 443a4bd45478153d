package kubernetes

import (
	"strings"
)

// What cannot be changed in place, by API group and version, and kind. A path stands for all that is below it; * is
// every element of a list. They are the original's rules, which leave some refusals to the API server.
var immutable = map[string]map[string]string{
	"v1": {
		"PersistentVolumeClaim": "spec.accessModes spec.selector spec.storageClassName spec.volumeName",
		"PersistentVolume":      prefixed("spec.", volumeSources),
		"Pod":                   prefixed("spec.", podFields) + " " + ofContainers,
		"ResourceQuota":         "spec.scopes",
		"Secret":                "type",
		"Service":               "spec.clusterIP",
	},
	"apps/v1": {
		"DaemonSet":  "spec.selector",
		"Deployment": "spec.selector",
		"StatefulSet": "spec.podManagementPolicy spec.revisionHistoryLimit spec.selector spec.serviceName " +
			"spec.volumeClaimTemplates",
	},
	"batch/v1": {
		"Job": "spec.completions spec.parallelism spec.selector spec.template",
	},
	"rbac.authorization.k8s.io/v1": {
		"ClusterRoleBinding": "roleRef",
		"RoleBinding":        "roleRef",
	},
	"storage.k8s.io/v1": {
		"StorageClass": "parameters provisioner",
	},
}

const (
	volumeSources = `awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk
		glusterfs hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos
		vsphereVolume`
	podFields = `affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC
		hostNetwork hostPID hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority
		priorityClassName readinessGates restartPolicy runtimeClassName schedulerName securityContext serviceAccount
		serviceAccountName shareProcessNamespace subdomain terminationGracePeriodSeconds volumes`
	containerFields = `args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources
		securityContext stdin stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts
		workingDir`
)

var ofContainers = prefixed("spec.containers.*.", containerFields) + " " +
	prefixed("spec.initContainers.*.", containerFields)

func prefixed(prefix, fields string) string {
	return prefix + strings.Join(strings.Fields(fields), " "+prefix)
}

// immutableFields are the paths of an object whose change replaces it.
func (s settings) immutableFields(o *object) [][]string {
	fields := "metadata.name metadata.namespace"
	sealed := at(o, "immutable") == true
	switch version, kind := o.GetAPIVersion(), o.GetKind(); {
	case version == "v1" && kind == "Secret" && (sealed || !s.mutableSecrets):
		fields += " type stringData data"
	case version == "v1" && kind == "ConfigMap" && (sealed || !s.mutableConfigMaps):
		fields += " binaryData data"
	default:
		fields += " " + immutable[version][kind]
	}
	var paths [][]string
	for _, field := range strings.Fields(fields) {
		paths = append(paths, strings.Split(field, "."))
	}
	return paths
}

// touches says that a change at a path, to a value, changes something of a field: one of the paths begins with the
// other, and where the field lies deeper, the value has it.
func touches(path []any, value any, field []string) bool {
	for i, key := range path {
		if i == len(field) {
			return true
		}
		if name, ok := key.(string); ok && name != field[i] || !ok && field[i] != "*" {
			return false
		}
	}
	return holds(value, field[min(len(path), len(field)):])
}

func holds(value any, field []string) bool {
	if len(field) == 0 {
		return true
	}
	switch v := value.(type) {
	case map[string]any:
		inner, ok := v[field[0]]
		return ok && holds(inner, field[1:])
	case []any:
		for _, element := range v {
			if field[0] == "*" && holds(element, field[1:]) {
				return true
			}
		}
	}
	return false
}
