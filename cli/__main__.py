"""`python -m cli` is `kith`, wherever it is called from."""

from cli.home import on_path

on_path()  # what follows imports services and stubs

from cli.main import main  # noqa: E402

if __name__ == "__main__":
    main()
