"""The form as data: a FHIR R4 Questionnaire, compiled once into what the rest of the program reads.

Narrow on purpose: docs/questionnaire-profile.md lists the elements that are read, and any other is a fault.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from intake import conditions, facts
from intake.conditions import ALWAYS, OPERATORS, ORDERINGS, All, Any, Condition, Test

FHIR = "http://hl7.org/fhir/StructureDefinition/"
OWN = "https://before-your-visit.example/fhir/StructureDefinition/"

# Each pattern can match a text in one way only, so that no input makes it slow.
FORMATS = {
    "email": r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+",
    "phone": r"\+?[ ().-]*([0-9][ ().-]*){6,15}",
}
DATE_WINDOWS = ("past", "not-past")
# What else stands under /intake/, so that no step can hide behind it.
RESERVED_STEPS = ("check", "done", "start", "stop", "delete", "clear", "cleared", "here")

# The x of answer[x] for each kind of question.
FHIR_TYPES = {
    "choice": "Coding",
    "boolean": "Boolean",
    "integer": "Integer",
    "decimal": "Decimal",
    "string": "String",
    "text": "String",
    "date": "Date",
}
KINDS = tuple(FHIR_TYPES)
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*").fullmatch


@dataclass(frozen=True)
class Option:
    code: str
    label: str
    exclusive: bool = False


@dataclass(frozen=True)
class Question:
    link_id: str
    kind: str
    text: str
    required: bool = False
    repeats: bool = False
    options: tuple[Option, ...] = ()
    hint: str = ""
    why: str = ""
    who: str = ""
    error: str = ""
    condition: Condition = ALWAYS
    max_length: int | None = None
    min_value: int | float | None = None
    max_value: int | float | None = None
    max_occurs: int | None = None
    date_window: str | None = None
    format: str | None = None
    advice: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    name: str
    link_id: str
    title: str
    advice: tuple[str, ...]
    questions: tuple[Question, ...]
    condition: Condition = ALWAYS


@dataclass(frozen=True)
class Questionnaire:
    url: str
    version: str
    title: str
    steps: tuple[Step, ...]

    @cached_property
    def _questions(self) -> dict[str, Question]:
        return {question.link_id: question for step in self.steps for question in step.questions}

    def question(self, link_id: str) -> Question | None:
        return self._questions.get(link_id)

    @cached_property
    def _names(self) -> dict[str, str]:
        counts = Counter(question.text for question in self._questions.values())
        return {
            question.link_id: question.text if counts[question.text] == 1 else f"{question.text} ({step.title})"
            for step in self.steps
            for question in step.questions
        }

    def name(self, link_id: str) -> str:
        """A question as asked; with its step where another step asks in the same words."""
        return self._names[link_id]

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.name == name), None)


@dataclass(frozen=True)
class Fault:
    link_id: str
    message: str

    def __str__(self) -> str:
        return f"{self.link_id or 'Questionnaire'}: {self.message}"


class Faults(ValueError):
    def __init__(self, faults: Collection[Fault]):
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def compile_questionnaire(resource: Mapping) -> Questionnaire:
    compiler = _Compiler()
    questionnaire = compiler.questionnaire(resource)
    if compiler.faults:
        raise Faults(compiler.faults)
    return questionnaire


@dataclass(frozen=True)
class _Extension:
    url: str
    name: str
    type: str
    kinds: Collection[str] = KINDS
    allowed: Collection | None = None


def _concept(system: str, code: str) -> dict:
    return {"coding": [{"system": f"http://hl7.org/fhir/{system}", "code": code}]}


PURPOSE = OWN + "question-purpose"
PURPOSE_PARTS = tuple(_Extension(part, part, "String") for part in ("why", "who", "error"))
PAGE = _concept("questionnaire-item-control", "page")
INSTRUCTIONS = _concept("questionnaire-display-category", "instructions")
STEP_EXTENSIONS = (_Extension(FHIR + "questionnaire-itemControl", "control", "CodeableConcept", allowed=[PAGE]),)
DISPLAY_EXTENSIONS = (
    _Extension(FHIR + "questionnaire-displayCategory", "category", "CodeableConcept", allowed=[INSTRUCTIONS]),
)
OPTION_EXTENSIONS = (_Extension(FHIR + "questionnaire-optionExclusive", "exclusive", "Boolean"),)
QUESTION_EXTENSIONS = (
    _Extension(FHIR + "entryFormat", "hint", "String"),
    _Extension(FHIR + "questionnaire-maxOccurs", "max_occurs", "Integer", {"choice"}),
    _Extension(FHIR + "minValue", "min_value", "Integer", {"integer"}),
    _Extension(FHIR + "maxValue", "max_value", "Integer", {"integer"}),
    _Extension(FHIR + "minValue", "min_value", "Decimal", {"decimal"}),
    _Extension(FHIR + "maxValue", "max_value", "Decimal", {"decimal"}),
    _Extension(FHIR + "regex", "format", "String", {"string"}, FORMATS.values()),
    _Extension(OWN + "date-window", "date_window", "Code", {"date"}, DATE_WINDOWS),
)

ROOT_KEYS = {"resourceType", "url", "version", "name", "title", "status", "language", "subjectType", "item"}
DISPLAY_KEYS = {"linkId", "type", "text", "extension"}
STEP_KEYS = DISPLAY_KEYS | {"item", "enableWhen", "enableBehavior"}
LIST_KEYS = {"item", "extension", "enableWhen", "answerOption"}
QUESTION_KEYS = STEP_KEYS | {"required", "repeats", "maxLength", "answerOption"}

JSON_TYPES = {"Coding": dict, "CodeableConcept": dict, "Boolean": bool, "Integer": int, "Decimal": (int, float)}


class _Compiler:
    """Reads one resource and notes every fault on the way instead of stopping at the first."""

    def __init__(self):
        self.faults: list[Fault] = []
        self.items: dict[str, dict] = {}
        self.step_of: dict[str, str] = {}

    def fault(self, link_id: str, message: str) -> None:
        self.faults.append(Fault(link_id, message))

    def questionnaire(self, resource: Mapping) -> Questionnaire:
        if resource.get("resourceType") != "Questionnaire":
            self.fault("", "resourceType is not Questionnaire")
        self.check_keys(resource, "", ROOT_KEYS)
        self.index(resource, "")
        steps = tuple(self.step(group) for group in _items(resource))
        if not steps:
            self.fault("", "has no step")
        self.check_order(steps)
        url, version, title = (self.text(resource, "", key) for key in ("url", "version", "title"))
        return Questionnaire(url, version, title, steps)

    def index(self, parent: Mapping, parent_id: str) -> None:
        """Learn every linkId before reading on: one that is missing, or given twice, is a fault."""
        if len(_items(parent)) != len(_list(parent, "item")):
            self.fault(parent_id, "holds an item without a linkId of lower-case letters, digits and hyphens")
        for item in _items(parent):
            link_id = item["linkId"]
            if link_id in self.items:
                self.fault(link_id, "duplicate linkId")
            if facts.is_fact(link_id):
                self.fault(link_id, "is the name of a fact that is computed from the answers")
            self.items[link_id] = item
            self.step_of[link_id] = self.step_of.get(parent_id, link_id)
            self.index(item, link_id)

    def step(self, group: dict) -> Step:
        link_id = group["linkId"]
        name = link_id.removeprefix("step-")
        if group.get("type") != "group":
            self.fault(link_id, f"type {group.get('type')!r} at the top, where only groups stand: the steps")
        if name == link_id or name in RESERVED_STEPS:
            self.fault(link_id, f"a step is named step-<name>, the name being none of {', '.join(RESERVED_STEPS)}")
        self.check_keys(group, link_id, STEP_KEYS)
        self.extensions(group, link_id, STEP_EXTENSIONS)
        questions = tuple(self.question(item) for item in _items(group) if item.get("type") != "display")
        if not questions:
            self.fault(link_id, "has no question")
        return Step(name, link_id, self.text(group, link_id), self.advice(group), questions, self.condition(group))

    def question(self, item: dict) -> Question:
        link_id, kind = item["linkId"], item.get("type")
        if kind not in KINDS:
            self.fault(link_id, f"unknown item type {kind!r}; a step holds display, {', '.join(KINDS)}")
            return Question(link_id, "", "")
        self.check_keys(item, link_id, QUESTION_KEYS)
        for child in _items(item):
            if child.get("type") != "display":
                self.fault(child["linkId"], f"type {child.get('type')!r} below a question, where only display stands")
        return Question(
            link_id=link_id,
            kind=kind,
            text=self.text(item, link_id),
            required=self.read(item, link_id, "required", "Boolean", False),
            options=self.options(item),
            condition=self.condition(item),
            advice=self.advice(item),
            **self.purpose(item),
            **self.limits(item),
        )

    def purpose(self, item: dict) -> dict:
        """Why we ask and who uses the answer, and what to do when it is left open."""
        found = [entry for entry in _list(item, "extension") if entry.get("url") == PURPOSE]
        parts = {"extension": [part for entry in found for part in _list(entry, "extension")]}
        purpose = self.extensions(parts, item["linkId"], PURPOSE_PARTS)
        for part in ("why", "who"):
            if not purpose.get(part):
                self.fault(item["linkId"], f"does not say {part}: the extension question-purpose lacks it")
        return purpose

    def limits(self, item: dict) -> dict:
        link_id, kind = item["linkId"], item["type"]
        known = [extension for extension in QUESTION_EXTENSIONS if kind in extension.kinds]
        limits = self.extensions(item, link_id, known, elsewhere=PURPOSE)
        limits["repeats"] = self.read(item, link_id, "repeats", "Boolean", False)
        limits["max_length"] = self.read(item, link_id, "maxLength", "Integer")
        limits["format"] = next((name for name, regex in FORMATS.items() if regex == limits.get("format")), None)
        if limits["repeats"] and kind != "choice":
            self.fault(link_id, f"repeats on a {kind} question")
        if limits["max_length"] is not None and kind not in ("string", "text"):
            self.fault(link_id, f"maxLength on a {kind} question")
        if "max_occurs" in limits and not limits["repeats"]:
            self.fault(link_id, "maxOccurs without repeats")
        return limits

    def options(self, item: dict) -> tuple[Option, ...]:
        link_id = item["linkId"]
        options = tuple(self.option(option, link_id) for option in _list(item, "answerOption"))
        if (item["type"] == "choice") != bool(options):
            self.fault(link_id, "a choice needs options, and only a choice has them")
        if any(option.exclusive for option in options) and not item.get("repeats"):
            self.fault(link_id, "an exclusive option on a question with one answer")
        codes = [option.code for option in options]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            self.fault(link_id, f"duplicate option {code!r}")
        return options

    def option(self, option: dict, link_id: str) -> Option:
        self.check_keys(option, link_id, {"valueCoding", "extension"})
        coding = self.read(option, link_id, "valueCoding", "Coding", {})
        self.check_keys(coding, link_id, {"system", "code", "display"})
        found = self.extensions(option, link_id, OPTION_EXTENSIONS)
        return Option(self.text(coding, link_id, "code"), self.text(coding, link_id, "display"), **found)

    def advice(self, parent: dict) -> tuple[str, ...]:
        displays = [item for item in _items(parent) if item.get("type") == "display"]
        for display in displays:
            self.check_keys(display, display["linkId"], DISPLAY_KEYS)
            self.extensions(display, display["linkId"], DISPLAY_EXTENSIONS)
        return tuple(self.text(display, display["linkId"]) for display in displays)

    def condition(self, item: dict) -> Condition:
        link_id, whens, behavior = item["linkId"], _list(item, "enableWhen"), item.get("enableBehavior")
        if behavior not in (None, "all", "any") or (len(whens) > 1 and behavior is None):
            self.fault(link_id, "several enableWhen need an enableBehavior, all or any")
        tests = tuple(test for when in whens if (test := self.test(when, link_id)))
        if not tests:
            return ALWAYS
        return tests[0] if len(tests) == 1 else (Any if behavior == "any" else All)(tests)

    def test(self, when: dict, link_id: str) -> Test | None:
        question, comparison = when.get("question"), when.get("operator")
        target = self.items.get(question, {}) if isinstance(question, str) else {}
        kind = target.get("type")
        if kind not in KINDS:
            self.fault(link_id, f"enableWhen looks at {question!r}, which is no question of this form")
            return None
        if comparison not in OPERATORS or (comparison in ORDERINGS and kind in ("choice", "boolean")):
            self.fault(link_id, f"enableWhen: no operator {comparison!r} for the {kind} question {question}")
            return None
        fhir_type = "Boolean" if comparison == "exists" else FHIR_TYPES[kind]
        if set(when) != {"question", "operator", f"answer{fhir_type}"}:
            self.fault(link_id, f"enableWhen on {question} needs answer{fhir_type} and nothing else")
            return None
        answer = self.read(when, link_id, f"answer{fhir_type}", fhir_type)
        return Test(question, comparison, self.code(answer, target, link_id) if fhir_type == "Coding" else answer)

    def code(self, coding: dict | None, target: dict, link_id: str) -> str:
        code = (coding or {}).get("code")
        codings = [option.get("valueCoding") for option in _list(target, "answerOption")]
        if code not in [known.get("code") for known in codings if isinstance(known, dict)]:
            self.fault(link_id, f"enableWhen looks for {code!r}, which is no option of {target['linkId']}")
        return code

    def check_order(self, steps: tuple[Step, ...]) -> None:
        """A condition looks only at questions of earlier steps, so that one pass decides everything."""
        looks_at = {
            part.link_id: conditions.questions(part.condition) for step in steps for part in (step, *step.questions)
        }
        # A question shows only with its step, so it needs whatever its step needs.
        needs = {link_id: found | ({self.step_of[link_id]} - {link_id}) for link_id, found in looks_at.items()}
        cycles = list(_cycles(needs))
        for cycle in cycles:
            self.fault(cycle[0], f"cycle of conditions: {' -> '.join(cycle)}")
        place = {step.link_id: number for number, step in enumerate(steps)}
        for link_id, found in looks_at.items():
            for question in sorted(found):
                together = any({link_id, question} <= set(cycle) for cycle in cycles)
                if place[self.step_of[question]] >= place[self.step_of[link_id]] and not together:
                    self.fault(link_id, f"forward condition: {question} is not asked in an earlier step")

    def extensions(self, item: Mapping, link_id: str, known: Collection[_Extension], elsewhere: str = "") -> dict:
        """The extensions of an item by our own names. `elsewhere` is the one that somebody else reads."""
        by_url, found = {extension.url: extension for extension in known}, {}
        for entry in _list(item, "extension"):
            url = entry.get("url")
            if url == elsewhere:
                continue
            extension = by_url.pop(url, None) if isinstance(url, str) else None
            if extension is None:
                self.fault(link_id, f"unknown or repeated extension {url!r}")
                continue
            key = f"value{extension.type}"
            self.check_keys(entry, link_id, {"url", key})
            value = self.read(entry, link_id, key, extension.type)
            if value is None or (extension.allowed is not None and value not in extension.allowed):
                self.fault(link_id, f"{url.rpartition('/')[2]} has the unknown {key} {value!r}")
            else:
                found[extension.name] = value
        return found

    def check_keys(self, data: Mapping, link_id: str, known: Collection[str]) -> None:
        for key in sorted(set(data) - set(known)):
            self.fault(link_id, f"unknown element {key!r}")
        for key in sorted(LIST_KEYS & set(data)):
            if data[key] != _list(data, key):
                self.fault(link_id, f"{key} is not a list of objects")

    def text(self, data: Mapping, link_id: str, key: str = "text") -> str:
        text = self.read(data, link_id, key, "String", "")
        if not text.strip():
            self.fault(link_id, f"has no {key}")
        return text

    def read(self, data: Mapping, link_id: str, key: str, fhir_type: str, default=None):
        value = data.get(key, default)
        if value is default:
            return default
        # In Python a bool is an int too; in FHIR it is not.
        if not isinstance(value, JSON_TYPES.get(fhir_type, str)) or isinstance(value, bool) != (
            fhir_type == "Boolean"
        ):
            self.fault(link_id, f"{key} is {value!r}, which is no {fhir_type}")
            return default
        return value


def _items(parent: Mapping) -> list[dict]:
    return [item for item in _list(parent, "item") if isinstance(item.get("linkId"), str) and SLUG(item["linkId"])]


def _list(data: Mapping, key: str) -> list[dict]:
    found = data.get(key)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _cycles(needs: dict[str, frozenset[str]]) -> Iterator[list[str]]:
    """Every cycle once, as a walk from one need to the next and back to its start."""
    while True:
        try:
            TopologicalSorter(needs).prepare()
            return
        except CycleError as error:
            cycle = error.args[1][::-1]
            yield cycle
            needs[cycle[0]] -= {cycle[1]}
