"""An environment picture on its sheet: in sentences, as plain text and as a PDF of one page and an annex."""
