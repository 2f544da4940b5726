"""Invented names. Any likeness to a real enterprise is chance."""

import random

from portal.shell.demo.chance import pick

TOWNS: dict[str, tuple[str, int]] = {
    "500231001": ("桂溪街道", 26),
    "500231002": ("桂阳街道", 20),
    "500231101": ("新民镇", 5),
    "500231102": ("沙坪镇", 3),
    "500231103": ("周嘉镇", 4),
    "500231104": ("普顺镇", 3),
    "500231105": ("永安镇", 3),
    "500231106": ("高安镇", 5),
    "500231107": ("高峰镇", 2),
    "500231108": ("五洞镇", 3),
    "500231109": ("澄溪镇", 5),
    "500231110": ("太平镇", 3),
    "500231111": ("鹤游镇", 3),
    "500231112": ("坪山镇", 4),
    "500231113": ("砚台镇", 2),
    "500231114": ("曹回镇", 2),
    "500231115": ("杠家镇", 2),
    "500231116": ("包家镇", 1),
    "500231117": ("白家镇", 1),
    "500231118": ("永平镇", 1),
    "500231119": ("三溪镇", 1),
    "500231120": ("裴兴镇", 1),
    "500231121": ("黄沙镇", 1),
    "500231122": ("长龙镇", 1),
    "500231202": ("沙河乡", 1),
    "500231204": ("大石乡", 1),
}
"""Town code → name and its share of enterprises."""

FIRST = "明恒瑞诚华盛宏泰嘉利康裕丰益友安和顺兴达永隆源德昌鑫欣佳美惠众力博远方景润禾"
SECOND = "达源盛隆泰兴和顺康安祥裕丰茂益华诚信鸿宇峰腾跃锦辰林洋川江桂渝凯捷聚合汇"
SURNAMES = "王李张刘陈杨黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英霞平刚桂文辉玲红建国华建波宁晨思宇欣悦"


def brand(random_: random.Random) -> str:
    """Two characters of a firm's name."""
    return random_.choice(FIRST) + random_.choice(SECOND)


def person(random_: random.Random) -> str:
    """A person's name of two or three characters."""
    given = "".join(random_.sample(GIVEN, random_.choice((1, 2, 2))))
    return random_.choice(SURNAMES) + given


def town(random_: random.Random) -> str:
    """A town's code, the two districts of the county seat being the busiest."""
    return pick(random_, [(code, share) for code, (_name, share) in TOWNS.items()])


def unique(name: str, taken: set[str], random_: random.Random) -> str:
    """The name, made longer by a character until nobody has it."""
    while name in taken:
        name = f"{random_.choice(FIRST)}{name}"
    taken.add(name)
    return name
