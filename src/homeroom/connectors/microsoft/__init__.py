"""Microsoft Entra and Intune: users, sign-in registration and managed devices, from Graph and console exports."""
