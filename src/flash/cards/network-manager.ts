import type { CardSettings } from "./settings.js";

/** A file below the root, for the systems that Ignition and Combustion set up: both are NetworkManager's. */
export interface Connection {
  readonly path: string;
  readonly text: string;
}

/** A card's interfaces as NetworkManager reads them (nm-settings-keyfile(5)); such a file has mode 0600. */
export function connections({ network, wifi }: CardSettings): readonly Connection[] {
  return [
    ...network.map((one) =>
      keyfile(one.interface, "ethernet", [
        ["ethernet", one.mac === undefined ? [] : [`cloned-mac-address=${one.mac.toUpperCase()}`]],
        ...addressing(one),
      ]),
    ),
    ...(wifi
      ? [
          keyfile(wifi.interface, "wifi", [
            [
              "wifi",
              ["mode=infrastructure", `ssid=${[...Buffer.from(wifi.ssid, "utf8")].map((byte) => `${byte};`).join("")}`],
            ],
            ...(wifi.psk === undefined ? [] : [["wifi-security", ["key-mgmt=wpa-psk", `psk=${wifi.psk}`]] as const]),
            ["ipv4", ["method=auto"]],
            ["ipv6", ["method=auto"]],
          ]),
        ]
      : []),
  ];
}

type Section = readonly [string, readonly string[]];

function addressing({ address, gateway, dns }: CardSettings["network"][number]): readonly Section[] {
  const six = address?.includes(":") ?? false;
  const servers = (family: boolean) => dns.filter((server) => server.includes(":") === family);
  const own = (family: boolean): readonly string[] => {
    const named = servers(family).length > 0 ? [`dns=${servers(family).join(";")};`] : [];
    if (address === undefined || family !== six)
      return [`method=${address === undefined ? "auto" : family ? "auto" : "disabled"}`, ...named];
    return ["method=manual", `address1=${address}${gateway === undefined ? "" : `,${gateway}`}`, ...named];
  };
  return [
    ["ipv4", own(false)],
    ["ipv6", own(true)],
  ];
}

function keyfile(name: string, type: string, sections: readonly Section[]): Connection {
  const all: readonly Section[] = [
    ["connection", [`id=${name}`, `type=${type}`, `interface-name=${name}`]],
    ...sections,
  ];
  const text = all
    .filter(([, lines]) => lines.length > 0)
    .map(([section, lines]) => `[${section}]\n${lines.join("\n")}\n`)
    .join("\n");
  return { path: `/etc/NetworkManager/system-connections/${name}.nmconnection`, text };
}
