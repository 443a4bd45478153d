import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { PasswordName } from "./wordpress-app";

/** Makes the passwords of a WordPress application: MySQL's user and MySQL's root. They are secret in the state too. */
export function databasePasswords(
  name: string,
  opts: pulumi.CustomResourceOptions,
): Record<PasswordName, pulumi.Output<string>> {
  const password = (part: PasswordName) =>
    new random.RandomPassword(
      `${name}-${part}`,
      // Letters and digits only: no shell, PHP or YAML on the way has to quote them.
      { length: 24, special: false },
      // MySQL takes its passwords when its volume is first filled, and never again. A new password would lock
      // WordPress out of the old volume, so an edit of the line above is not applied.
      pulumi.mergeOptions(opts, { ignoreChanges: ["length", "special"] }),
    ).result;
  return { password: password("password"), "root-password": password("root-password") };
}
