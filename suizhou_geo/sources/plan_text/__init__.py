"""What the text of a plan promises: from a document (txt, md, docx, html, pdf) to drafted promises and to a plan file.

`documents` opens the file, `numbers` and `clauses` read the language, `promises` tells which numbers are promised,
`matching` which measure they are of, `drafting` writes the plan TOML. The words stand in standards/plan_grammar.toml.
"""
