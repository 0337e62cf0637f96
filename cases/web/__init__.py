"""The pages: thin views that translate, call and answer, and what they draw."""
