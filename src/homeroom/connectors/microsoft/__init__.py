"""Microsoft Entra and Intune: users, sign-in registration and managed devices, as Graph answers and the consoles export."""
