"""Skills of offices: software, finance, law, people, sales, logistics. One a line: the first name stands for all."""

SKILLS = """
Microsoft Office | Pack Office | Suite Office | MS Office | Office 365 | Microsoft 365 | Bureautique
Word | Microsoft Word | MS Word
Excel | Microsoft Excel | MS Excel
PowerPoint | Power Point
Access | Microsoft Access | MS Access
Outlook
Google Workspace
Saisie de données | Data entry
SAP
Sage | Sage Saari
Sage X3
Odoo
Salesforce
HubSpot
ERP | PGI
CRM
Comptabilité | Accounting | Tenue de comptes | Bookkeeping
Comptabilité générale | General accounting
Comptabilité analytique | Cost accounting | Management accounting
SYSCOHADA | OHADA
IFRS
Fiscalité | Taxation
TVA | VAT
Audit | Auditing
Audit interne | Internal audit
Contrôle interne | Internal control
Contrôle de gestion | Management control
Consolidation
Trésorerie | Treasury | Cash management
Budget | Élaboration de budget | Budgeting
Reporting
Analyse financière | Financial analysis
Rapprochement bancaire | Bank reconciliation
Facturation | Invoicing | Billing
Recouvrement | Debt collection
Paie | Payroll
Droit du travail | Labour law | Labor law | Employment law
Droit des affaires | Business law
Droit OHADA
Rédaction de contrats | Contract drafting
Contentieux | Litigation
Code CIMA
Gestion des risques | Risk management
Analyse des risques | Risk analysis
Microfinance
Analyse crédit | Analyse de crédit | Credit analysis
Produits bancaires | Banking products
Ressources humaines | Human resources
Recrutement | Recruitment | Recruiting
Sourcing
GPEC | GEPP
Formation du personnel | Staff training
Vente | Ventes | Sales
Prospection | Prospection commerciale | Prospecting
Négociation | Négociation commerciale | Negotiation
Relation client | Service client | Customer service | Customer relations
Gestion commerciale
Marketing
Marketing digital | Marketing numérique | Digital marketing
SEO | Référencement naturel | Search engine optimization
Google Analytics
Réseaux sociaux | Médias sociaux | Social media
Gestion de communauté | Community management
Rédaction web | Copywriting
Études de marché | Market research
Stratégie de marque | Branding
Publicité | Advertising
Merchandising
Encaissement | Tenue de caisse | Cash handling
Commerce international | International trade
Incoterms
Douane | Transit | Customs
SYDONIA | ASYCUDA
Logistique | Logistics
Transport
Gestion de stock | Gestion des stocks | Stock management | Inventory management
Inventaire
Achats | Approvisionnement | Procurement | Purchasing
Chaîne d'approvisionnement | Supply chain
Gestion de flotte | Fleet management
Chariot élévateur | Cariste | Forklift
Secrétariat
Classement | Archivage | Filing
Rédaction administrative
Traduction | Translation
"""
