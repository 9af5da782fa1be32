"""What people are given: workbooks, pages, correction files and letters, in one package for each library."""
