#!/usr/bin/python3
"""The truth check: does the final .config say what the fragments asked for, and if not, why not?

    kconfig-check.py ASKS CONFIG

ASKS is JSON: {"asks": [{symbol, value, at}], "allowed": [symbol] or null where there can be no exceptions}. The reasons are read from the source's own Kconfig
files (current folder; environment as Kconfig's own Makefile sets it) by kconfiglib. Prints one "@@diagnostic" line per
finding for boardsmith and the same in words; exits 1 when a symbol was dropped or changed that was not allowed to be.
"""

import difflib
import json
import os
import re
import sys

WORDS = {0: "n", 1: "m", 2: "y"}


def read_config(path):
    values = {}
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            found = re.match(r"CONFIG_(\w+)=(.*)$", line)
            if found:
                values[found[1]] = found[2]
    return values


def same(asked, got):
    if asked == got:
        return True
    try:
        return int(asked, 0) == int(got, 0)
    except ValueError:
        return False


def shown(value):
    return "is not set" if value == "n" else "is " + value


class Reasons:
    """Why a symbol has the value it has, in Kconfig's terms."""

    def __init__(self, config):
        import kconfiglib

        self.k = kconfiglib
        self.config = config
        self.kconf = kconfiglib.Kconfig("Kconfig", warn=False)
        self.kconf.load_config(config)
        self.defined = {name for name, symbol in self.kconf.syms.items() if symbol.nodes}

    def explain(self, name, asked, got):
        """(reason, remedy) for a symbol that was asked to be one thing and is another."""
        symbol = self.kconf.syms.get(name)
        if symbol is None or not symbol.nodes:
            return self.unknown(name)
        k = self.k
        place = "%s:%d" % (symbol.nodes[0].filename, symbol.nodes[0].linenr)
        if symbol.orig_type in (k.BOOL, k.TRISTATE):
            if asked not in ("y", "m", "n"):
                return "it is a switch: y%s or n (%s)" % (", m" if symbol.orig_type == k.TRISTATE else "", place), None
            if asked == "m" and symbol.orig_type == k.BOOL:
                return "it cannot be a module, only y or n (%s)" % place, "ask for CONFIG_%s=y" % name
            if asked == "m" and symbol.type == k.BOOL:
                return "it needs MODULES=y (is not set) (%s)" % place, "ask for CONFIG_MODULES=y too"
            wanted = k.STR_TO_TRI[asked]
            if symbol.choice and wanted == 2:
                return self.choice(symbol, place)
            if wanted > symbol.tri_value:
                return self.too_low(symbol, wanted, place)
            return self.too_high(symbol, wanted, place)
        return self.wrong_value(symbol, asked, place)

    def unknown(self, name):
        elsewhere = other_places(name)
        if elsewhere:
            return "this configuration never reads it: it is defined in %s" % elsewhere, None
        near = difflib.get_close_matches(name, self.defined, 1, 0.7)
        return "there is no such symbol in this source", "did you mean CONFIG_%s?" % near[0] if near else None

    def choice(self, symbol, place):
        k = self.k
        choice = symbol.choice
        title = next((node.prompt[0] for node in choice.nodes if node.prompt), choice.name or "a choice")
        needs = self.unmet(self.visible(symbol), 2)
        if needs:
            return self.needs(needs, place)
        winner = choice.selection.name if choice.selection else None
        if winner and winner != symbol.name:
            return 'of the choice "%s" only one can be y, and CONFIG_%s is (%s)' % (title, winner, place), None
        outer = self.unmet(choice.direct_dep, 2)
        if outer:
            return self.needs(outer, place)
        return 'the choice "%s" is %s (%s)' % (title, k.TRI_TO_STR[choice.tri_value], place), None

    def too_low(self, symbol, wanted, place):
        needs = self.unmet(symbol.direct_dep, wanted)
        if needs:
            return self.needs(needs, place)
        if not any(node.prompt for node in symbol.nodes):
            selectors = sorted(self.names(symbol.rev_dep) & self.defined)
            if selectors:
                return (
                    "nobody can switch it on by hand; it follows from %s (%s)" % (some(selectors), place),
                    "ask for one of those instead",
                )
            return "it has no prompt: Kconfig alone sets it (%s)" % place, None
        needs = self.unmet(self.visible(symbol), wanted)
        if needs:
            return self.needs(needs, place)
        return "Kconfig gave no reason; see %s" % place, None

    def too_high(self, symbol, wanted, place):
        active = [one for one in self.alternatives(symbol.rev_dep) if self.k.expr_value(one) > wanted]
        if active:
            who = [self.selector(one) for one in active]
            verb = "switch %s off first" if wanted == 0 else "make %s a module as well"
            return "it is selected by %s (%s)" % (some(who), place), verb % who[0].split("=")[0]
        needs = self.unmet(self.visible(symbol), 1)
        if needs:
            reason, remedy = self.needs(needs, place)
            return "it is on by default and can only be switched off by hand when visible: " + reason, remedy
        if not any(node.prompt for node in symbol.nodes):
            return "it has no prompt: Kconfig alone sets it (%s)" % place, None
        return "Kconfig gave no reason; see %s" % place, None

    def wrong_value(self, symbol, asked, place):
        k = self.k
        quoted = asked.startswith('"')
        if symbol.orig_type == k.STRING and not quoted:
            return "it is a text (%s)" % place, 'ask for CONFIG_%s="%s"' % (symbol.name, asked)
        if symbol.orig_type in (k.INT, k.HEX):
            kind = "a decimal number" if symbol.orig_type == k.INT else "a hexadecimal number"
            if quoted or asked in ("y", "m", "n"):
                return "it is %s (%s)" % (kind, place), None
            for low, high, condition in symbol.ranges:
                if k.expr_value(condition):
                    low, high = low.str_value, high.str_value
                    if not int(low, 0) <= int(asked, 0) <= int(high, 0):
                        return "it must be between %s and %s (%s)" % (low, high, place), None
        needs = self.unmet(symbol.direct_dep, 1)
        if not needs and not any(node.prompt for node in symbol.nodes):
            return "it has no prompt: Kconfig alone sets it (%s)" % place, None
        needs = needs or self.unmet(self.visible(symbol), 1)
        return self.needs(needs, place) if needs else ("Kconfig gave no reason; see %s" % place, None)

    # --- expressions ---

    def visible(self, symbol):
        """The condition under which the symbol's prompt is seen, any of its definitions."""
        expression = self.kconf.n
        for node in symbol.nodes:
            if node.prompt:
                expression = node.prompt[1] if expression is self.kconf.n else (self.k.OR, expression, node.prompt[1])
        return expression

    def needs(self, needs, place):
        asks = list(dict.fromkeys(ask for need in needs for ask in need.asks))
        remedy = "ask for %s too" % listed("CONFIG_" + ask for ask in asks) if asks else None
        if any(not need.asks for need in needs):
            remedy = None
        return "it needs %s (%s)" % (listed(need.text for need in needs), place), remedy

    def unmet(self, expression, wanted, seen=()):
        """What of an expression is below `wanted`, as needs; empty when it is met."""
        k = self.k
        if k.expr_value(expression) >= wanted:
            return []
        if not isinstance(expression, tuple):
            return [self.unmet_symbol(expression, wanted, seen)]
        operator = expression[0]
        if operator == k.AND:
            both = self.unmet(expression[1], wanted, seen) + self.unmet(expression[2], wanted, seen)
            return without_repetition(both)
        if operator == k.OR:
            ways = [self.unmet(one, wanted, seen) for one in self.alternatives(expression)]
            ways.sort(key=len)
            texts = list(dict.fromkeys(" and ".join(need.text for need in way) for way in ways))
            if len(texts) == 1:
                return ways[0]
            return [Need(some(texts, " or ", "(%s)"))]
        if operator == k.NOT and not isinstance(expression[1], tuple):
            name = getattr(expression[1], "name", None)
            state = k.TRI_TO_STR[k.expr_value(expression[1])]
            return [Need("%s off (is %s)" % (name, state), ["%s=n" % name] if name in self.defined else [])]
        if operator == k.NOT:
            return [Need("not (%s)" % k.expr_str(expression[1]))]
        left = expression[1]
        value = getattr(left, "str_value", "")
        return [Need("%s (is %s)" % (k.expr_str(expression), value or "empty"))]

    def unmet_symbol(self, symbol, wanted, seen):
        k = self.k
        if symbol.__class__ is k.Choice:
            title = next((node.prompt[0] for node in symbol.nodes if node.prompt), "a choice")
            return Need('the choice "%s"' % title)
        name = symbol.name
        if symbol is self.kconf.n:
            return Need("what is never so here (depends on n)")
        if symbol is self.kconf.m:
            return Need("loadable modules", ["MODULES=y"])
        if name not in self.defined:
            return Need("%s, which this configuration never defines" % name)
        ask = "%s=%s" % (name, "y" if symbol.orig_type == k.BOOL else WORDS[wanted])
        state = "is not set" if symbol.tri_value == 0 else "is %s" % k.TRI_TO_STR[symbol.tri_value]
        if name in seen or len(seen) == 4:
            return Need("%s (%s)" % (ask, state), [ask])
        deeper = self.unmet(symbol.direct_dep, wanted, (*seen, name))
        if deeper:
            asks = [one for need in deeper for one in need.asks] + [ask]
            text = "%s (%s, for it needs %s)" % (ask, state, listed(need.text for need in deeper))
            return Need(text, asks if all(need.asks for need in deeper) else [], set().union(*(n.names for n in deeper), [name]))
        if not any(node.prompt for node in symbol.nodes):
            selectors = sorted(self.names(symbol.rev_dep) & self.defined)
            why = "follows from %s" % some(selectors, " or ") if selectors else "set by Kconfig alone"
            return Need("%s (%s, %s)" % (ask, state, why), [], {name})
        return Need("%s (%s)" % (ask, state), [ask], {name})

    def alternatives(self, expression):
        if isinstance(expression, tuple) and expression[0] == self.k.OR:
            return self.alternatives(expression[1]) + self.alternatives(expression[2])
        return [expression]

    def selector(self, expression):
        """The selecting symbol of one term of a reverse dependency: it stands first."""
        while isinstance(expression, tuple):
            expression = expression[1]
        return "CONFIG_%s=%s" % (expression.name, self.k.TRI_TO_STR[expression.tri_value])

    def names(self, expression):
        """Of a reverse dependency: who selects."""
        found = set()
        for one in self.alternatives(expression):
            while isinstance(one, tuple):
                one = one[1]
            if getattr(one, "name", None):
                found.add(one.name)
        return found


class Need:
    """An unmet condition in words, the lines that would meet it (none: no line can), and the symbols it speaks of."""

    def __init__(self, text, asks=(), names=()):
        self.text = text
        self.asks = list(asks)
        self.names = set(names)


def without_repetition(needs):
    """Nested menus repeat the outer menu's condition in each inner one: keep what no other need already speaks of."""
    kept = []
    for need in sorted(needs, key=lambda one: -len(one.names)):
        if not any(need.text == one.text or (need.names and need.names <= one.names) for one in kept):
            kept.append(need)
    return kept


def listed(words):
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def some(words, glue=", ", frame="%s", most=4):
    words = list(words)
    text = glue.join(words[:most])
    if len(words) > most:
        text += "%sone of %d more" % (glue, len(words) - most) if "or" in glue else " and %d more" % (len(words) - most)
    return frame % text if len(words) > 1 else text


def other_places(name):
    """Kconfig files of this source that define a symbol the configuration does not reach (another architecture's)."""
    definition = re.compile(r"^\s*(?:menu)?config\s+%s\s*$" % re.escape(name), re.M)
    places = []
    for folder, folders, files in os.walk("."):
        folders[:] = [one for one in folders if not one.startswith(".") and one not in ("Documentation", "tools")]
        for one in files:
            if one.startswith("Kconfig"):
                path = os.path.join(folder, one)
                with open(path, encoding="utf-8", errors="replace") as file:
                    if definition.search(file.read()):
                        places.append(os.path.normpath(path))
    return some(sorted(places))


def report(severity, code, message, at=None, help=None):
    finding = {"severity": severity, "code": code, "message": message}
    if at:
        finding["at"] = at
    if help:
        finding["help"] = help
    print("@@diagnostic " + json.dumps(finding, ensure_ascii=False))
    where = "%s:%d: " % (at["file"], at["line"]) if at else ""
    print("%s%s: %s%s" % (where, severity, message, "\n    help: " + help if help else ""))


def main(asks_path, config_path):
    with open(asks_path, encoding="utf-8") as file:
        request = json.load(file)
    values = read_config(config_path)
    dropped = [one for one in request["asks"] if not same(one["value"], values.get(one["symbol"], "n"))]
    names = {one["symbol"] for one in dropped}
    asked = {one["symbol"] for one in request["asks"]}
    allowed = request["allowed"] or []
    for symbol in allowed:
        if symbol in names:
            print("CONFIG_%s did not come out as asked, which allow-dropped allows" % symbol)
        else:
            why = "it came out as asked" if symbol in asked else "no fragment asks for it"
            message = "allow-dropped lists %s, but %s" % (symbol, why)
            report("warning", "needless-exception", message, None, "take it off the list")
    findings = [one for one in dropped if one["symbol"] not in allowed]
    if not findings:
        print("%d symbols asked for, %d as asked" % (len(request["asks"]), len(request["asks"]) - len(dropped)))
        return 0
    try:
        reasons = Reasons(config_path)
        trouble = None
    except Exception as error:  # A newer Kconfig language than kconfiglib knows: the finding stands, only its reason is lost.
        reasons, trouble = None, "the reason is unknown: kconfiglib cannot read this source's Kconfig (%s)" % error
    for one in findings:
        got = values.get(one["symbol"], "n")
        reason, remedy = reasons.explain(one["symbol"], one["value"], got) if reasons else (trouble, None)
        exists = reasons is None or one["symbol"] in reasons.defined
        message = "CONFIG_%s=%s was asked for, but %s%s" % (
            one["symbol"],
            one["value"],
            "it %s: " % shown(got) if exists else "",
            reason,
        )
        exception = None
        if request["allowed"] is not None:
            exception = "list %s under allow-dropped to do without" % one["symbol"]
        help = "; or ".join(text for text in (remedy, exception) if text).replace("?; or", "? Or")
        code = "dropped-symbol" if exists else "unknown-symbol"
        report("error", code, message, one["at"], help)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
