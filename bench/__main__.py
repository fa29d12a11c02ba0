"""`python -m bench`: every line of `quality.md` that is measured here, one after another."""

from bench import (
    arena,
    p1_get,
    p2_list,
    p3_create,
    p4_gateway,
    p5_import,
    p6_growth,
    p7_delay,
    p8_throughput,
    p10_start,
    sight,
)


def main() -> None:
    for duel in (p1_get.DUEL, p2_list.DUEL, p3_create.DUEL):
        arena.run(duel)
    for path in (p4_gateway, p5_import, p6_growth, p7_delay, p8_throughput, p10_start, sight):
        path.main()


if __name__ == "__main__":
    main()
