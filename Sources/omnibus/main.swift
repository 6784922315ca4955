print("omnibus")
