"""What MkDocs calls while it builds the site: it adds the pages that are made from the code and not written by hand."""

from commands import commands
from configuration import configuration
from linked import linked_files, within_the_site
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

PAGES = {"configuration.md": configuration, "commands.md": commands}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages, and one for each file of the repository that a page links to."""
    texts = {name: page() for name, page in PAGES.items()}
    texts |= linked_files(config.docs_dir, [file.content_string for file in files.documentation_pages()])
    for name, text in texts.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Lead links to files of the repository to their pages."""
    return within_the_site(markdown, page.file.src_uri)
