import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { LabOwner } from "./lab-owner";
import { kubernetesLabelKeys, seatKeys, seatObjects } from "./names";

export interface ClassRulesArgs {
  /** Labels of the created objects, and of the namespaces that the rules apply to. */
  owner: LabOwner;
  /** Name of the policy and of its binding, which are cluster-wide. */
  policy: string;
}

const operations = ["CREATE", "UPDATE", "DELETE"];
const of = (kinds: string) =>
  `request.resource.resource == '${kinds}' && !has(request.subResource) && request.operation != 'DELETE'`;
/** Whether a NetworkPolicy allows only pods of its own namespace. */
const onlyWithin = (rules: "ingress" | "egress", peers: "from" | "to") =>
  `(!has(variables.made.spec.${rules}) || variables.made.spec.${rules}.all(rule, has(rule.${peers}) && rule.${peers}.size() > 0 && ` +
  `rule.${peers}.all(peer, !has(peer.namespaceSelector) && !has(peer.ipBlock))))`;

/**
 * What the role `edit` allows but a seat must not: changing what keeps the seats apart, staying longer than granted, and
 * taking what belongs to another seat.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export class ClassRules extends pulumi.ComponentResource {
  /** The rules are in force once this exists. */
  readonly binding: k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding;

  constructor(name: string, args: ClassRulesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("course:labs:ClassRules", name, {}, opts);
    const { owner, policy: policyName } = args;
    const metadata = {
      name: policyName,
      labels: { "app.kubernetes.io/part-of": "class", ...owner.kubernetesLabels },
      annotations: owner.kubernetesAnnotations,
    };

    const policy = new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
      `${name}-policy`,
      {
        metadata,
        spec: {
          failurePolicy: "Fail",
          matchConstraints: {
            resourceRules: [
              {
                apiGroups: [""],
                apiVersions: ["v1"],
                operations,
                resources: [
                  ...["limitranges", "pods", "resourcequotas", "secrets", "serviceaccounts", "serviceaccounts/token"],
                  "services",
                ],
              },
              {
                apiGroups: ["networking.k8s.io", "rbac.authorization.k8s.io"],
                apiVersions: ["v1"],
                operations,
                resources: ["networkpolicies", "roles", "rolebindings"],
              },
            ],
          },
          variables: [
            // For all kinds: each rule below matches its own.
            { name: "made", expression: "dyn(object)" },
            // The student, and any account that a pod of the seat runs as.
            {
              name: "student",
              expression: "('system:serviceaccounts:' + namespaceObject.metadata.name) in request.userInfo.groups",
            },
            {
              name: "ofClass",
              expression: `[dyn(object), dyn(oldObject)].exists(one, one != null && has(one.metadata) && has(one.metadata.labels) && '${seatKeys.seat}' in one.metadata.labels)`,
            },
          ],
          validations: [
            {
              expression: "!(variables.student && variables.ofClass)",
              message: "This object belongs to the class and keeps its seats apart. Only your teacher can change it.",
            },
            {
              expression: `!(variables.student && has(request.subResource) && request.subResource == 'token' && request.name == '${seatObjects.account}')`,
              message: "Access to this seat ends when the class does. Your teacher can renew it.",
            },
            {
              expression: `!(variables.student && ${of("secrets")} && has(variables.made.type) && variables.made.type == 'kubernetes.io/service-account-token')`,
              message: "A token in a Secret would never expire. Create one that does: kubectl create token NAME",
            },
            {
              expression: `!(variables.student && ${of("networkpolicies")}) || (${onlyWithin("ingress", "from")} && ${onlyWithin("egress", "to")})`,
              message:
                "A NetworkPolicy here can only select pods of this seat (podSelector): it may deny access, but not open the seat to others.",
            },
            {
              expression: `!(${of("services")}) || !has(variables.made.spec.ports) || variables.made.spec.ports.all(port, !has(port.nodePort) || port.nodePort == 0 || string(port.nodePort) == namespaceObject.metadata.labels['${seatKeys.nodePort}'])`,
              messageExpression: `'The node port of this seat is ' + namespaceObject.metadata.labels['${seatKeys.nodePort}'] + ', other ports are other seats\\'. Set nodePort to it.'`,
            },
            {
              expression: `!(${of("services")}) || !has(variables.made.spec.externalIPs) || variables.made.spec.externalIPs.size() == 0`,
              message: "A Service with externalIPs would receive what is sent to others.",
            },
            {
              expression: `!(${of("pods")}) || !has(variables.made.spec.serviceAccountName) || variables.made.spec.serviceAccountName != '${seatObjects.account}'`,
              message: `The account ${seatObjects.account} is for your kubectl, not for pods. Leave serviceAccountName out.`,
            },
            {
              expression: `!(${of("pods")}) || !has(variables.made.spec.priorityClassName) || !variables.made.spec.priorityClassName.startsWith('system-')`,
              message: "A pod of that priority would evict the pods of others. Leave priorityClassName out.",
            },
          ].map((rule) => ({ ...rule, reason: "Forbidden" })),
        },
      },
      { parent: this },
    );

    this.binding = new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
      `${name}-binding`,
      {
        metadata,
        spec: {
          policyName: policy.metadata.name,
          validationActions: ["Deny"],
          matchResources: {
            namespaceSelector: {
              matchLabels: { [kubernetesLabelKeys.id]: owner.id },
              matchExpressions: [{ key: seatKeys.seat, operator: "Exists" }],
            },
          },
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
