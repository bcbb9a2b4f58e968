"""Languages, one a line: the first name stands for all."""

SKILLS = """
Anglais | English
Français | French
Espagnol | Spanish
Portugais | Portuguese
Allemand | German
Chinois | Mandarin | Chinese
Arabe | Arabic
Lingala
Swahili | Kiswahili
Wolof
Fang
Haoussa | Hausa
Dioula
"""
