import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { PasswordName } from "./wordpress-app";

/** Generates the passwords of MySQL's user and of MySQL's root. They are also encrypted in the state. */
export function databasePasswords(
  name: string,
  opts: pulumi.CustomResourceOptions,
): Record<PasswordName, pulumi.Output<string>> {
  const password = (part: PasswordName) =>
    new random.RandomPassword(
      `${name}-${part}`,
      // Letters and digits only, so that shell, PHP and YAML need no quoting.
      { length: 24, special: false },
      // MySQL sets its passwords only when it initializes an empty volume. A new password would lock WordPress out of an
      // existing volume, so changes to the line above are ignored.
      pulumi.mergeOptions(opts, { ignoreChanges: ["length", "special"] }),
    ).result;
  return { password: password("password"), "root-password": password("root-password") };
}
