"""Static files under names that carry their hash, compressed once; of the vendors' packages only what pages ask for."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

EXCLUDED = [
    *("libs", "types", "extension", "ext", "locale-src", "i18n", "src"),
    *("*.map", "*.scss", "*.html", "*.ts", "*.md", "*.json", "LICENSE", "*.rtl.*"),
    *("*.esm*", "*.amd*", "*.cjs*", "*.mjs", "htmx.js", "echarts.js", "echarts.common*", "echarts.simple*"),
    *("tabler-icons-*.css", "tabler-icons-200*", "tabler-icons-300*", "tabler.js", "tabler.css", "tabler-theme.js"),
]


class StaticStorage(CompressedManifestStaticFilesStorage):
    # Django also follows the sourceMappingURL of a script or a sheet, and fails where the map is left out.
    patterns = (
        (
            "*.css",
            (
                r"""(?P<matched>url\(['"]{0,1}\s*(?P<url>.*?)["']{0,1}\))""",
                (r"""(?P<matched>@import\s*["']\s*(?P<url>.*?)["'])""", """@import url("%(url)s")"""),
            ),
        ),
    )
