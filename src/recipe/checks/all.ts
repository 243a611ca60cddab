import { checkFirstBoot } from "./first-boot.js";
import { checkKernelPackage } from "./kernel.js";
import { checkLayout } from "./layout.js";
import { checkNetboot } from "./netboot.js";
import { checkNfs } from "./nfs.js";
import { checkReferences, checkUserland } from "./references.js";
import { checkRepositories } from "./repositories.js";
import { checkSources } from "./sources.js";
import { checkArguments, checkLvm, checkSystem } from "./system.js";
import { checkTemplates } from "./templates.js";
import { checkUsers } from "./users.js";
import { checkGroups } from "./volume-groups.js";

/** Every check that needs nothing but the recipe and its board. */
export const CHECKS = [
  checkTemplates,
  checkSources,
  checkRepositories,
  checkReferences,
  checkUserland,
  checkKernelPackage,
  checkArguments,
  checkLvm,
  checkUsers,
  checkSystem,
  checkNfs,
  checkNetboot,
  checkFirstBoot,
  checkLayout,
  checkGroups,
];
