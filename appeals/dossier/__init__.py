"""The dossier (卷宗): all that is known of an appeal, as a PDF for those who supervise it."""
