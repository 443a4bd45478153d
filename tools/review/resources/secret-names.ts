/** A word of a variable's name that says what its value is: `MYSQL_PASSWORD_2`, `STRIPE_KEY`, `SECRET_KEY_BASE`. */
const telling =
  /^(\w*(PASSWORD|PASSWD|PASSPHRASE|PASSCODE|SECRET|TOKEN|CREDENTIAL)|(DB|PG|MYSQL|REDIS|ROOT|USER)?(PASS|PWD)|(API|ACCESS|AUTH|ENCRYPTION|LICENSE|MASTER|PRIVATE|SIGNING)?KEY|SALT)S?\d*$/;

/** What is no secret although such a word is in its name. */
const harmless =
  /^(OLD)?PWD$|(PUBLIC|PRIMARY|FOREIGN)_?KEYS?|_(ENABLED|EXPIRATION|EXPIRES|EXPIRY|HISTORY|LENGTH|LIFETIME|NAME|POLICY|REQUIRED|TTL)$/;

/** The end of a property's or an option's name: what has such a word before the end is about a secret, `secretName`. */
const atTheEnd =
  /((password|passwd|passphrase|secret|token|credentials?|(api|auth|access|account|private|encryption|license|signing|logged_in|nonce)[_-]?key)(_file)?|key-?(data|material)|^requirepass|^masterauth|[_-](pass|pwd|salt)|^pass)([_-]?(\d+|old|new))?$/i;

/**
 * Whether nobody should read the value of a property, a variable or an option of that name. The only rule for it: what is masked
 * on a student's page is masked in a review, and what a review masks may not stand in a program as plain text.
 */
export function isSecretName(name: string): boolean {
  // A variable's name is in one case, and its words come in any order.
  const isVariable = /^([A-Z][A-Z\d_]*|[a-z][a-z\d]*_[a-z\d_]*)$/.test(name);
  const variable = name.toUpperCase();
  if (isVariable && variable.split("_").some((word) => telling.test(word))) return !harmless.test(variable);
  return atTheEnd.test(name);
}

/** Whether it only says where a secret is, or asks for a random one or for none: that is no secret itself. */
export const isWish = (name: string) => /_(FILE|PATH|DIR|URL|URI|ENDPOINT)$|_RANDOM_|_ALLOW_EMPTY_/i.test(name);
