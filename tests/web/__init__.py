"""Tests of the pages, as a browser without JavaScript meets them."""
