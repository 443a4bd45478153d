import assert from "node:assert/strict";
import { secretValues } from "../../tools/checks/redact";
import { exposedSecrets } from "../../tools/review/policies/secrets";
import { isSecretName } from "../../tools/review/resources/secret-names";
import { plain } from "../../tools/review/resources/values";

const container = "docker:index/container:Container";

/** Whether the value of a variable is masked in a student's page, masked in a review, and refused as plain text. */
const judged = (name: string) => ({
  page: secretValues([`${name}=hush`]).length > 0,
  review: !JSON.stringify(plain({ envs: [`${name}=hush`] }, container)).includes("hush"),
  policy: exposedSecrets(container, { envs: [`${name}=hush`] }).length > 0,
});

describe("the names of secrets", () => {
  const secrets = [
    ...["MYSQL_PASSWORD", "MYSQL_PASSWORD_2", "MYSQL_ROOT_PASSWORD", "PGPASSWORD", "DB_PASS", "DBPASS", "REDIS_PASS"],
    ...["DB_PWD", "DB_PWD_OLD", "MYSQL_PWD", "PASSWD", "PASSPHRASE", "mysql_password", "db_pwd_old", "PASSWORDS"],
    ...["SECRET_1", "SESSION_SECRET_BASE", "SECRET_KEY_BASE", "CLIENT_SECRET", "TOKEN", "GITHUB_TOKEN", "TOKENS"],
    ...[
      "LICENSE_KEY",
      "STRIPE_KEY",
      "API_KEY",
      "APIKEY",
      "AUTH_KEY",
      "KEY",
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
    ],
    ...["WORDPRESS_LOGGED_IN_KEY", "NONCE_SALT", "SALT", "CREDENTIALS", "GOOGLE_CREDENTIAL"],
  ];
  for (const name of secrets) {
    it(`count as such on the page, in the review and in the policies: ${name}`, () =>
      assert.deepEqual(judged(name), { page: true, review: true, policy: true }));
  }

  const elsewhere = ["MYSQL_PASSWORD_FILE", "SSH_PRIVATE_KEY_PATH", "TOKEN_URL", "SECRETS_DIR", "CREDENTIALS_URI"];
  for (const name of [...elsewhere, "TOKEN_ENDPOINT", "MYSQL_RANDOM_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD"]) {
    it(`are masked, and may stand there, where they only say where it is or what it shall be: ${name}`, () =>
      assert.deepEqual(judged(name), { page: true, review: true, policy: false }));
  }

  const harmless = [
    ...[
      "PATH",
      "PWD",
      "OLDPWD",
      "HOME",
      "MYSQL_USER",
      "MYSQL_DATABASE",
      "WORDPRESS_DB_HOST",
      "MONKEY",
      "KEYBOARD",
      "KEYMAP",
    ],
    ...[
      "BYPASS",
      "COMPASS_URL",
      "PASSENGERS",
      "PUBLIC_KEY",
      "SSH_PUBLIC_KEY",
      "PRIMARY_KEY",
      "SECRET_NAME",
      "TOKEN_TTL",
    ],
    ...["PASSWORD_LENGTH", "PASSWORD_EXPIRY", "default_password_lifetime", "password_history", "TOKENIZER", "BASALT"],
    ...["SECRETARY", "TOKEN_ENABLED"],
  ];
  for (const name of harmless) {
    it(`are not those that only sound like one: ${name}`, () =>
      assert.deepEqual(judged(name), { page: false, review: false, policy: false }));
  }

  it("of properties and options end in what they are", () => {
    const names = [
      "adminPassword",
      "rootPassword2",
      "password-old",
      "authToken",
      "apiKey",
      "keyMaterial",
      "client-key-data",
    ];
    for (const name of [...names, "requirepass", "masterauth", "pass", "x-salt", "credentials"])
      assert.ok(isSecretName(name), name);
    const others = [
      "secretName",
      "secretKeyRef",
      "tokenExpirationSeconds",
      "topologyKey",
      "key",
      "imagePullSecrets",
      "pwd",
    ];
    for (const name of [...others, "password-history", "compass", "salted"]) assert.ok(!isSecretName(name), name);
  });
});
