"""Shared problems at the desk: alike appeals of several enterprises, found, joined, handled as one."""
