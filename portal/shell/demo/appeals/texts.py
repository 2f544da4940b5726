"""What enterprises write and departments answer: templates with slots, filled for one enterprise and day.

Slots: `{3-9}` a number, `{a|b}` one of the words, `{town}` the enterprise's town, `{road}` a road there,
`{product}` what it makes. `by` names the kinds of enterprises that may say it (`AUDIENCES`).
"""

import random
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).parent / "texts"
REFUSED: Final = "refused"
SLOT: Final = re.compile(r"\{([^{}]+)\}")
RANGE: Final = re.compile(r"(\d+)-(\d+)")
ROADS: Final = ("工业大道", "人民路", "迎宾路", "牡丹路", "明月路", "桂西大道", "滨河路", "场镇正街")
PRODUCTS: Final = {
    "13": ("豆干", "白柚果酱", "即食榨菜", "优质大米", "红薯粉"),
    "17": ("家纺面料", "床品"),
    "18": ("工装", "校服", "冲锋衣"),
    "26": ("牡丹精油", "牡丹面膜"),
    "29": ("塑料托盘", "食品包装膜", "注塑周转箱"),
    "30": ("加气砖", "预拌砂浆", "透水砖"),
    "33": ("五金冲压件", "铝合金门窗", "不锈钢货架"),
    "34": ("减速机", "传动轴", "非标夹具"),
    "36": ("铝合金轮毂", "刹车盘", "转向节", "排气管支架"),
    "38": ("配电箱", "电源适配器", "线束"),
    "39": ("温度传感器", "控制板", "智能终端"),
    "47": ("混凝土构件", "钢结构"),
    "64": ("短视频代运营",),
    "65": ("校园管理软件", "仓储系统", "在线课程平台"),
}
AUDIENCES: Final = {
    "factory": range(13, 44),
    "exporter": (17, 18, 33, 34, 36, 38, 39),
    "farm": (1, 2, 3, 4, 5),
    "build": (47, 48, 49, 50),
    "shop": (51, 52, 80, 81),
    "logistics": (54, 59, 60),
    "hotel": (61, 78, 90),
    "food": (62,),
    "software": (63, 64, 65),
    "property": (70,),
    "school": (83,),
    "medical": (84,),
}
"""Kinds of enterprises by the first two digits of the industry (GB/T 4754); `any` is everybody."""
OPENINGS: Final = ("您好，", "麻烦帮忙看一下：", "第一次在这里提，", "反映一个情况：", "想请教一下，")
CLOSINGS: Final = (
    "盼早日答复。",
    "白天电话都能打通。",
    "需要材料我们随时可以补。",
    "如果要到现场看，提前说一声就行。",
    "麻烦安排人联系我们，谢谢。",
    "希望这次能有个准信。",
    "方便的话电话里先沟通。",
)


@dataclass(frozen=True, slots=True)
class Template:
    """One way to ask for something, and how it is answered. `co`: who has a part in it besides."""

    department: str
    section: str
    category: str
    audiences: tuple[str, ...]
    title: str
    text: str
    answer: str
    mode: str = "dispatch"
    co: tuple[str, ...] = ()
    handled: bool = True

    def filled(self, slots: "Slots") -> "Template":
        """With every slot filled; a word that stands in the title stands in the text too."""
        title, text = slots.fill(self.title), slots.fill(self.text)
        return replace(self, title=title, text=slots.framed(text), answer=slots.fill(self.answer))


@dataclass(frozen=True, slots=True)
class Slots:
    """What fills the slots for one enterprise."""

    dice: random.Random
    town: str
    product: str
    chosen: dict[str, str]
    """What was chosen for a slot holds for the whole appeal."""

    @classmethod
    def of(cls, dice: random.Random, town: str, industry: str) -> "Slots":
        product = dice.choice(PRODUCTS.get(industry[:2], ("主营产品",)))
        return cls(dice, town, product, {})

    def fill(self, text: str) -> str:
        """The text with its slots filled."""
        return SLOT.sub(lambda slot: self.chosen.setdefault(slot[1], self._word(slot[1])), text)

    def framed(self, text: str) -> str:
        """Now and then with a word of greeting or haste around it."""
        if self.dice.random() < 0.25:
            text = self.dice.choice(OPENINGS) + text
        return text + self.dice.choice(CLOSINGS) if self.dice.random() < 0.35 else text

    def _word(self, slot: str) -> str:
        named = {"town": self.town, "product": self.product, "road": self.dice.choice(ROADS)}
        if slot in named:
            return named[slot]
        if span := RANGE.fullmatch(slot):
            low, high = int(span[1]), int(span[2])
            step = 100 if high >= 1000 else 10 if high >= 200 else 1
            return str(round(self.dice.randint(low, high) / step) * step)
        return self.dice.choice(slot.split("|"))


@cache
def templates() -> tuple[Template, ...]:
    """All of them, in the order of the files."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[Template] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
        found += [_read(row, handled=path.stem != REFUSED) for row in rows]
    return tuple(found)


@cache
def fresh() -> frozenset[Template]:
    """A third of each destination's own: what nobody asked before, so that suggestions are no echo."""
    found: dict[str, list[Template]] = {}
    for template in templates():
        if template.handled:
            found.setdefault(template.department, []).append(template)
    return frozenset(each for own in found.values() for each in own[len(own) - len(own) // 3 :])


def _read(row: dict[str, Any], *, handled: bool) -> Template:
    department, section = row["to"].split("/")
    return Template(
        department,
        section,
        row["as"],
        tuple(row["by"].split(",")),
        row["title"],
        row["text"],
        row["answer"],
        row.get("mode", "dispatch"),
        tuple(filter(None, row.get("co", "").split(","))),
        handled,
    )


def kinship(template: Template, name: str) -> int:
    """How many pairs of neighbouring characters a service's name shares with what is asked for."""
    return len(_pairs(name) & _pairs(f"{template.title} {template.text}"))


def _pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)}


@cache
def audiences_of(industry: str) -> frozenset[str]:
    """Which kinds of enterprises one of the industry belongs to."""
    number = int(industry[:2])
    return frozenset({"any", *(name for name, range_ in AUDIENCES.items() if number in range_)})
