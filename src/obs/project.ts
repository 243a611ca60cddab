import { kiwiDescription, NO_RELEASE } from "../kiwi/description.js";
import { document, element } from "../kiwi/xml.js";
import type { Spec } from "../recipe/spec.js";
import { bootInstallScript, configScript } from "./config-sh.js";
import type { ImageFile } from "./first-boot-sh.js";
import { kiwiSystem } from "./kiwi-system.js";
import { injectLvm2 } from "./prjconf.js";

/** A file of an exported project. */
export interface ProjectFile {
  /** Below the folder. */
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

/** The repository in which OBS builds images, by its own convention. */
export const IMAGES = "images";
/** What the project configuration is called beside the package; `osc meta prjconf -F` takes it. */
export const PRJCONF = "_config";
/** Of the project; `osc meta prj -F` takes it. */
export const PROJECT_META = "_meta";

/**
 * What an Open Build Service project needs to build a recipe's image: the package's files in a folder of its name, and
 * the project's own beside it. `prjconf` is the project's present configuration; lvm2 is injected into it.
 */
export function obsProject(spec: Spec, project: string, prjconf: string, imageFile: ImageFile): readonly ProjectFile[] {
  const system = kiwiSystem(spec);
  const flavors = element("multibuild", {}, [element("flavor", {}, system.profile)]);
  const file = (path: string, text: string, executable = false): ProjectFile => ({ path, text, executable });
  return [
    file(PROJECT_META, projectMeta(project, spec.description, spec.board.arch.rpm)),
    file(PRJCONF, injectLvm2(prjconf, IMAGES)),
    file(`${spec.name}/_multibuild`, document(flavors)),
    file(`${spec.name}/_service`, releaseService(`${spec.name}.kiwi`)),
    file(`${spec.name}/${spec.name}.kiwi`, kiwiDescription(system, { obs: true })),
    file(`${spec.name}/config.sh`, configScript(spec, imageFile), true),
    file(`${spec.name}/editbootinstall.sh`, bootInstallScript(spec.board.spl.offset), true),
  ];
}

/**
 * A rolling distribution's images are told apart by its release: the service that runs in the build root, right before the
 * build, writes the version of the release package into the description (obs-service-replace_using_package_version).
 */
function releaseService(file: string): string {
  const param = (name: string, value: string) => element("param", { name }, value);
  return document(
    element("services", {}, [
      element("service", { name: "replace_using_package_version", mode: "buildtime" }, [
        param("file", file),
        param("regex", NO_RELEASE),
        param("package", "openSUSE-release"),
      ]),
    ]),
  );
}

/** OBS calls armv7hl by its scheduler's name. */
function projectMeta(project: string, title: string, arch: string): string {
  const path = element("path", { project: "openSUSE:Factory:ARM", repository: "standard" });
  const scheduler = arch === "armv7hl" ? "armv7l" : arch;
  return document(
    element("project", { name: project }, [
      element("title", {}, title),
      element("description"),
      element("repository", { name: IMAGES }, [path, element("arch", {}, scheduler)]),
    ]),
  );
}

/** The calls of `osc` that bring an exported folder into the build service. */
export function oscCalls(project: string, name: string): readonly string[] {
  return [
    `osc meta prj ${project} -F ${PROJECT_META}`,
    `osc meta prjconf ${project} -F ${PRJCONF} -m "lvm2 in the build root of images"`,
    `osc mkpac ${project}/${name}   # only the first time`,
    `osc checkout ${project} ${name} && cp ${name}/* ${project}/${name}/`,
    `osc addremove ${project}/${name}`,
    `osc commit ${project}/${name} -m "${name} from its recipe"`,
  ];
}
