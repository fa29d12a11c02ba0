"""Telephone numbers, e-mail addresses and names in the forms in which people write them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.values import email, phone
from chassis.values.email import masked_email, parse_email, split_emails, tidy_email
from chassis.values.name import PersonName, full_name, split_name
from chassis.values.phone import can_receive_text, masked_phone, parse_phone, shown_phone, split_phones, tidy_phone
from chassis.values.text import normalised
from kith.v1.values_pb2 import EmailAddress, PhoneNumber

MOBILE = "+8613800138000"


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "+8613800138000",
        "008613800138000",
        "0086-138-0013-8000",
        "86-13800138000",
        "(+86) 13800138000",
        "１３８００１３８０００",
        "＋８６ １３８ ００１３ ８０００",
        "138\u200b0013\u200b8000",
        "电话：13800138000",
        "tel: 138.0013.8000",
        "138–0013–8000",
    ],
)
def test_one_number_has_one_form_however_it_is_written(written: str) -> None:
    assert parse_phone(written).number == MOBILE
    assert not parse_phone(written).extension


@pytest.mark.parametrize(
    ("written", "number", "extension"),
    [
        ("010-87654321转801", "+861087654321", "801"),
        ("010-87654321 转 801", "+861087654321", "801"),
        ("010-87654321分机801", "+861087654321", "801"),
        ("010-87654321-801", "+861087654321", "801"),
        ("(010) 8765 4321 ext. 801", "+861087654321", "801"),
        ("010-87654321 x801", "+861087654321", "801"),
        ("010-87654321#801", "+861087654321", "801"),
        ("021-5888-8888", "+862158888888", ""),
        ("0755－２６５４３２１０", "+8675526543210", ""),
        ("400-800-1234", "4008001234", ""),
        ("+86 400 800 1234", "4008001234", ""),
        ("400-800-1234转5", "4008001234", "5"),
        ("800 810 1234", "8008101234", ""),
        ("95588", "95588", ""),
        ("12345", "12345", ""),
        ("10086", "10086", ""),
        ("+1 415 555 2671", "+14155552671", ""),
        ("0044 20 7946 0958", "+442079460958", ""),
        ("+852 2345 6789", "+85223456789", ""),
    ],
)
def test_extensions_and_service_numbers_are_told_apart(written: str, number: str, extension: str) -> None:
    parsed = parse_phone(written)
    assert (parsed.number, parsed.extension) == (number, extension)


@pytest.mark.parametrize("written", ["", "—", "待补充", "1380013800", "138001380001", "87654321", "12800138000", "1e9"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="telephone"):
        parse_phone(written)


def test_two_numbers_in_a_cell_are_two() -> None:
    assert split_phones("13800138000、 13900139000") == ["13800138000", "13900139000"]
    assert split_phones("13800138000/010-87654321；95588") == ["13800138000", "010-87654321", "95588"]
    assert split_phones("138 0013 8000") == ["138 0013 8000"]
    assert split_phones("13800138000或13900139000") == ["13800138000", "13900139000"]
    assert split_phones(" ") == []


def test_a_number_is_shown_as_people_group_it_and_masked_for_those_without_the_right() -> None:
    assert shown_phone(MOBILE) == "138 0013 8000"
    assert shown_phone("+861087654321", "801") == "010 8765 4321 转 801"
    assert shown_phone("4008001234") == "400 800 1234"
    assert shown_phone("95588") == "95588"
    assert shown_phone("+14155552671", "5", joined_by=" ext. ") == "+1 415-555-2671 ext. 5"
    assert masked_phone(MOBILE) == "138****8000"
    assert masked_phone("95588") == "****88"
    assert masked_phone("") == "****"
    assert masked_phone("+861087654321") == "10****4321"


def test_service_numbers_and_fixed_lines_are_never_sent_a_text() -> None:
    assert can_receive_text(MOBILE)
    assert not any(can_receive_text(number) for number in ("4008001234", "95588", "+861087654321", "10086"))


def test_a_message_is_tidied_or_left_as_it_was() -> None:
    phone = PhoneNumber(number="010-87654321转801", label="work")
    tidy_phone(phone)
    assert phone == PhoneNumber(number="+861087654321", extension="801", label="work")
    bad = PhoneNumber(number="待补充")
    with pytest.raises(ValueError, match="telephone"):
        tidy_phone(bad)
    assert bad.number == "待补充"
    email = EmailAddress(address=" Li.Si＠EXAMPLE．com ")
    tidy_email(email)
    assert email.address == "Li.Si@example.com"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("a@b.cn", "a@b.cn"),
        ("Li.Si@Example.COM", "Li.Si@example.com"),
        ("mailto:li@example.com", "li@example.com"),
        ("李四 <li@example.com>", "li@example.com"),
        ("ｌｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", "li@example.com"),
        ("li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s"),
        ("li@corp.local", "li@corp.local"),
        ("li@example。com", "li@example.com"),
    ],
)
def test_an_address_has_one_form(written: str, kept: str) -> None:
    assert parse_email(written) == kept


@pytest.mark.parametrize(
    "written", ["", "li", "li@", "@example.com", "li@example", "li@@example.com", "li@exa mple.com"]
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="e-mail"):
        parse_email(written)


def test_addresses_are_split_and_masked() -> None:
    assert split_emails("a@b.cn；c@d.cn、e@f.cn") == ["a@b.cn", "c@d.cn", "e@f.cn"]
    assert masked_email("zhang.wei@example.com") == "z***@example.com"
    assert masked_email("nonsense") == masked_email("") == "***"


@pytest.mark.parametrize(
    ("written", "family", "given", "title", "other"),
    [
        ("张伟", "张", "伟", "", ""),
        ("欧阳娜娜", "欧阳", "娜娜", "", ""),
        ("司马懿", "司马", "懿", "", ""),
        ("欧阳先生", "欧阳", "", "先生", ""),
        ("张总", "张", "", "总", ""),
        ("李晓明经理", "李", "晓明", "经理", ""),
        ("王小工", "王", "小工", "", ""),
        ("张 三", "张", "三", "", ""),
        ("古丽·阿不都", "阿不都", "古丽", "", ""),
        ("张伟 (David)", "张", "伟", "", "David"),
        ("David 张伟", "张", "伟", "", "David"),
        ("上海某某科技有限公司", "", "上海某某科技有限公司", "", ""),
        ("Wei Zhang", "Zhang", "Wei", "", ""),
        ("Zhang, Wei", "Zhang", "Wei", "", ""),
        ("Ludwig van Beethoven", "van Beethoven", "Ludwig", "", ""),
        ("Dr. Martin Luther King, Jr.", "King Jr.", "Martin Luther", "Dr.", ""),
        ("Madonna", "", "Madonna", "", ""),
        ("", "", "", "", ""),
    ],
)
def test_a_name_is_split_as_its_script_has_it(written: str, family: str, given: str, title: str, other: str) -> None:
    assert split_name(written) == PersonName(family, given, title, other)


@pytest.mark.parametrize("written", ["张伟", "欧阳娜娜", "古丽·阿不都", "Wei Zhang", "Ludwig van Beethoven", "Madonna"])
def test_a_split_name_can_be_put_together_again(written: str) -> None:
    parts = split_name(written)
    assert full_name(parts.family_name, parts.given_name) == written


def test_two_texts_that_mean_the_same_search_are_one() -> None:
    assert normalised("張偉") == normalised("张伟")
    assert normalised("ＡＣＭＥ（中國）") == normalised("acme(中国)")
    assert normalised("Müller") == "muller"


@pytest.mark.parametrize("prefix", range(100, 200))
def test_the_short_way_of_a_mobile_number_says_what_the_long_one_says(prefix: int) -> None:
    for written in (f"{prefix}12345678", f"+86{prefix}-1234 5678", f"+86 {prefix}1234567", f"{prefix}123456789"):
        assert said_of(parse_phone, written) == said_of(lambda text: phone.Phone(phone._number(text, "CN")), written)


@given(
    st.from_regex(r"[a-z0-9_+.-]{0,12}", fullmatch=True),
    st.sampled_from(
        ["qq.com", "a-b.cn", "-a.cn", "a..cn", "local", "x.test", "1.2", "a_b.cn", "xn--fiq228c.cn", "a." * 99]
    ),
)
def test_the_short_way_of_a_plain_address_says_what_the_long_one_says(before: str, domain: str) -> None:
    for written in (f"{before}@{domain}", f"{before}@{domain}\n", f"{before}@{domain.upper()}"):
        assert said_of(parse_email, written) == said_of(email._parsed, written)


def said_of(parse: Callable[[str], object], written: str) -> object:
    """What it makes of the text, or that it refuses it."""
    try:
        return parse(written)
    except ValueError:
        return None
