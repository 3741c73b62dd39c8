"""Running notebooks: the plan, papermill, staging, promotion and the record of what ran."""
