import { Mutant } from "../mutants";

/** Runs a shell script in the folder of WordPress, wherever that is. */
type InSite = (script: string) => unknown;

/** A web server that answers, with something else: the same wherever WordPress runs. */
export const notWordPress = (inSite: InSite): Omit<Mutant, "owner"> => ({
  wrong: "a page that says WordPress, and is none",
  why: /is not WordPress: 200, "WordPress"/,
  make: () => inSite("mv index.php index.aside; echo '<title>WordPress</title> wp-content' > index.html"),
  undo: () => inSite("mv index.aside index.php; rm index.html"),
});

/** WordPress as it is while it updates itself. @param why what the check says, which depends on who else notices */
export const maintenance = (inSite: InSite, why: RegExp): Omit<Mutant, "owner"> => ({
  wrong: "closed for maintenance",
  why,
  make: () => inSite("echo '<?php $upgrading = time();' > .maintenance"),
  undo: () => inSite("rm .maintenance"),
});
