import * as k8s from "@pulumi/kubernetes";
import { KubernetesWordPress } from "../../components/kubernetes-wordpress";
import { LabOwner } from "../../components/lab-owner";
import { ownProfile } from "../../config";

const provider = new k8s.Provider("kubernetes", { context: ownProfile });
const owner = new LabOwner("owner");

for (let i = 0; i < Number(process.env.COUNT); i++) {
  new KubernetesWordPress(`site-${i}`, { owner, namespace: `site-${i}`, nodePort: 31000 + i }, { provider });
}
