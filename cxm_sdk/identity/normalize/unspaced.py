"""Chinese, Japanese and Korean full names, which are written without a space and with the family name in front."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["parted_name"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAME: Final = re.compile(r"([\u3400-\u9fff\uf900-\ufaff々]+)([\u3041-\u30ff]*)|[\uac00-\ud7a3]+")
_POLITE: Final = re.compile(r"(?<=.)(?:先生|女士|小姐|様|さま|さん|殿|님|씨)$")
#: Family names of two syllables in Korea; all others have one.
_KOREAN: Final = _words("남궁 황보 제갈 사공 선우 서문 독고 동방")
#: Family names of two characters in China; nearly all others have one.
_CHINESE: Final = _words(
    """
    欧阳 歐陽 上官 司马 司馬 诸葛 諸葛 东方 東方 独孤 獨孤 南宫 南宮 闻人 聞人 夏侯 尉迟 尉遲 公羊 赫连 赫連 澹台
    皇甫 宗政 濮阳 濮陽 公冶 太叔 申屠 公孙 公孫 慕容 仲孙 仲孫 钟离 鍾離 长孙 長孫 宇文 司徒 鲜于 鮮于 司空 令狐
    轩辕 軒轅 端木 呼延 拓跋 百里 东郭 東郭 太史 淳于 单于 單于
    """
)
#: The commonest family names of two and three characters in Japan.
_JAPANESE: Final = _words(
    """
    佐藤 鈴木 高橋 髙橋 田中 伊藤 渡辺 渡邊 渡邉 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 斎藤 斉藤
    齋藤 齊藤 清水 山崎 山﨑 池田 橋本 阿部 石川 山下 中島 中嶋 石井 小川 前田 岡田 長谷川 藤田 後藤 近藤 村上 遠藤
    青木 坂本 福田 太田 西村 藤井 金子 岡本 藤原 三浦 中野 中川 原田 松田 竹内 小野 田村 中山 和田 石田 森田 上田
    内田 柴田 酒井 宮崎 宮﨑 横山 高木 安藤 宮本 大野 小島 谷口 今井 工藤 高田 増田 丸山 杉山 村田 大塚 新井 小山
    平野 藤本 河野 上野 野口 武田 松井 千葉 菅原 岩崎 久保 木下 佐野 野村 松尾 菊地 菊池 市川 杉本 古川 大西 島田
    水野 桜井 櫻井 高野 渡部 吉川 山内 西田 飯田 西川 小松 北村 安田 五十嵐 川口 平田 中田 久保田 服部 岩田 土屋 川崎
    福島 本田 樋口 秋山 田口 永井 中西 吉村 川上 石原 大橋 松岡 馬場 浜田 濱田 森本 星野 矢野 浅野 大島 大久保 吉岡
    松下 小池 野田 荒木 熊谷 松浦 内藤 黒田 尾崎 川村 永田 望月 松村 荒井 大谷 須藤 広瀬 廣瀬 小田 早川 横田 石橋
    児玉 榎本 関口 菅野 大山 鎌田 吉野 川島 岸本 宮田 小沢 小澤 岡崎 森下 福井 上原 内山 桑原 川田 白石 柳沢 柳澤
    奥村 片山 富田 相馬 本間 大石 河合 三宅 田辺 田邊 関根 成田 平井 松永 河村 栗原 萩原 八木 伊東 三好 飯塚 黒木
    堀内 中井 川端 片岡 大森 牧野 津田 田島 青山 沢田 澤田 高山 徳永 村山 永野 西山 北川 滝沢 瀧澤 浅井 根本 古田
    坂口 竹田 山根 安部 西尾 村井 辻本 塚本 神田 中沢 中澤 竹中 足立 天野 佐久間 宇野 水谷 吉本 長田 小西 甲斐 堀田
    上村 向井 池上 福本 秋元 安達 岩本 米田 田原 真田 小泉 大川 須田 山岸 野崎 金井 大竹 秋田 篠原 若林 三上 小笠原
    長谷部 宇佐美 佐伯 稲垣 稲葉 今村 岩井 植田 植木 梅田 江口 大木 大内 大沢 大澤 岡村 奥田 小倉 落合 笠原 柏木
    梶原 勝又 門脇 金城 上条 亀井 川原 河原 神谷 北野 木原 熊田 黒沢 黒澤 小室 小森 坂井 坂田 坂上 桜田 笹川 佐川
    志村 島崎 下田 庄司 白井 杉浦 杉田 杉原 関谷 高島 高瀬 高松 竹下 武井 武藤 谷川 田畑 田代 玉井 千田 土井 富永
    豊田 鳥居 中尾 中林 中原 永山 長尾 長沢 長澤 長島 長嶋 西岡 西野 西本 西原 野中 橋口 畠山 浜口 早坂 原口 日高
    平山 平川 比嘉 福岡 福永 藤川 藤岡 藤沢 藤澤 藤村 藤野 古賀 細川 細田 堀江 堀口 本多 本橋 前川 町田 松崎 松原
    松山 丸田 三木 三輪 水田 宮川 宮下 宮沢 宮澤 村松 森川 森岡 森山 矢島 柳田 山川 山岡 山村 山中 横井 横尾 吉沢
    吉澤 吉原 若松 渡瀬 知念 伊集院 東海林 勅使河原 武者小路
    """
)
_LONGEST: Final = max(map(len, _JAPANESE))


def parted_name(name: str) -> str:
    """Puts a comma behind the family name of a full name that is written without a space.

    Where the family name ends is told by lists of those that are longer than usual, by the script of the given name,
    and by how long names are: in China and Korea the family name is one character, in Japan mostly two.

    Args:
        name: A full name as it was written.

    Returns:
        The same with a comma and without a form of address; unchanged where it has a space or another script, and
        where it may be one name alone.

    Example:
        >>> [parted_name(name) for name in ("王小明", "長谷川翼", "鈴木さゆり", "김서준", "田中様", "Ada King")]
        ['王,小明', '長谷川,翼', '鈴木,さゆり', '김,서준', '田中', 'Ada King']
    """
    text = name.strip()
    if text.isascii() or not _NAME.fullmatch(text):
        return name
    text = _POLITE.sub("", text)
    end = _end_of_family(text)
    return f"{text[:end]},{text[end:]}" if end else text


def _end_of_family(text: str) -> int:
    """Characters of the family name, 0 where a name is one alone."""
    shape = _NAME.fullmatch(text)
    size = len(text)
    if shape is None:
        return 0
    if shape[1] is None:  # Korean; two syllables are a given name as often as a short full name
        if not 3 <= size <= 4:
            return 0
        return 2 if text[:2] in _KOREAN else 1
    if text in _JAPANESE:
        return 0
    for end in range(min(_LONGEST, size - 1, len(shape[1])), 1, -1):
        if text[:end] in _JAPANESE:
            return end
    if shape[2]:
        return len(shape[1])
    if not 2 <= size <= 5:
        return 0
    if size > 2 and text[:2] in _CHINESE:
        return 2
    return 1 if size <= 3 else 2
