"""Looking around in a study: a screen in JupyterLab, and views of it that can be kept and run again."""
